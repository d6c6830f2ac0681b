import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { RetireLocalPayments } from '../../application/retire-local-payments';

const RETRY_MS = 5_000;

/** Ends at the start what the local payment page has left. A database that is away, or still to be migrated, is asked again. */
@Injectable()
export class RetireLocalPaymentsAtStart implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Billing');
  private retry: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(private readonly retireLocalPayments: RetireLocalPayments) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.retireLocalPayments.execute();
    } catch (error) {
      if (this.isStopped) return;
      this.logger.warn('Whether the local payment page has left anything is not known yet; trying again', error);
      this.retry = setTimeout(() => void this.onApplicationBootstrap(), RETRY_MS);
      this.retry.unref();
    }
  }

  beforeApplicationShutdown(): void {
    this.isStopped = true;
    clearTimeout(this.retry);
  }
}
