import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { EnsureLocalDatabase } from '../../application/ensure-local-database';
import { OfferPlans } from '../../application/offer-plans';
import { PaymentsUnavailable } from '../../domain/billing.errors';

const RETRY_MS = 5_000;

/**
 * Puts every paid plan on sale at the start, at the prices that the database has then: there is nobody at a vendor who
 * would have to. A database that is away, or is still to be migrated, is asked again; one that a vendor has sold in is
 * left as it is.
 */
@Injectable()
export class LocalOffers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Billing');
  private retry: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly ensureLocalDatabase: EnsureLocalDatabase,
    private readonly offerPlans: OfferPlans,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.ensureLocalDatabase.execute();
      await this.offerPlans.execute();
    } catch (error) {
      if (this.isStopped) return;
      if (error instanceof PaymentsUnavailable) this.refuse();
      else this.tryLater();
    }
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.retry);
  }

  private refuse(): void {
    this.logger.error(
      'Paid plans cannot be bought: the database has customers or prices of Stripe, so the local payment page sells ' +
        'nothing. Set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET, or use another database.',
    );
  }

  private tryLater(): void {
    this.logger.warn('The paid plans are not on sale yet: the database is not ready');
    this.retry = setTimeout(() => void this.onApplicationBootstrap(), RETRY_MS);
    this.retry.unref();
  }
}
