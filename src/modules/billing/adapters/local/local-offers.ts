import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DomainError } from '../../../../shared/kernel/domain-error';
import { OfferPlans } from '../../application/offer-plans';

const RETRY_MS = 5_000;

/**
 * Puts every paid plan on sale at the start, at the prices that the database has then: there is nobody at a vendor who
 * would have to. A database that is away, or is still to be migrated, is asked again.
 */
@Injectable()
export class LocalOffers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Billing');
  private retry: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly offerPlans: OfferPlans) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.offerPlans.execute();
    } catch (error) {
      if (this.isStopped) return;
      const reason = error instanceof DomainError ? error.message : 'the database is not ready';
      this.logger.warn(`The paid plans are not on sale yet: ${reason}`);
      this.retry = setTimeout(() => void this.onApplicationBootstrap(), RETRY_MS);
      this.retry.unref();
    }
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.retry);
  }
}
