import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import { BeforeComparison } from './before-comparison';
import { FollowCustomer } from './follow-customer';
import { ListPayments } from './list-payments';
import { SyncCustomer } from './sync-customer';

/**
 * Compares all that the payment side has with ours, and repairs what no event has told. What was recorded meanwhile is
 * later than the list, and stays. Who has something that the list lacks is asked about alone.
 */
@Injectable()
export class ReconcilePayments {
  private readonly logger = new Logger(ReconcilePayments.name);
  private isOver = false;

  constructor(
    private readonly beforeComparison: BeforeComparison,
    private readonly listPayments: ListPayments,
    private readonly followCustomer: FollowCustomer,
    private readonly syncCustomer: SyncCustomer,
  ) {}

  /** @throws PaymentsUnavailable when there is no list; what fails for one customer is left to the next round */
  async execute(): Promise<void> {
    await this.try('What another payment side has left', () => this.beforeComparison.execute());
    const { askedAt, byCustomer, incomplete } = await this.listPayments.execute();
    for (const customerId of incomplete) await this.tryFor(customerId, () => this.syncCustomer.execute(customerId));
    for (const [customerId, subscriptions] of byCustomer) {
      if (incomplete.has(customerId)) continue;
      const answer = { customerId, askedAt, subscriptions, isDeleted: null };
      await this.tryFor(customerId, () => this.followCustomer.execute(answer));
    }
  }

  /** Begins nothing new from now on. */
  stop(): void {
    this.isOver = true;
  }

  private tryFor(customerId: string, work: () => Promise<unknown>): Promise<void> {
    return within('payment-sync', { customerId }, () => this.try(`Customer ${customerId}`, work));
  }

  private async try(what: string, work: () => Promise<unknown>): Promise<void> {
    if (this.isOver) return;
    try {
      await work();
    } catch (error) {
      this.logger.warn(`${what} could not be compared; the next round tries again`, error);
    }
  }
}
