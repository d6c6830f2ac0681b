import { Injectable, Logger } from '@nestjs/common';
import { FollowCustomer } from './follow-customer';
import { ListPayments, type PaymentListing } from './list-payments';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
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
    private readonly listPayments: ListPayments,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly followCustomer: FollowCustomer,
    private readonly syncCustomer: SyncCustomer,
  ) {}

  /** @throws PaymentsUnavailable when there is no list; what fails for one customer is left to the next round */
  async execute(): Promise<void> {
    const listing = await this.listPayments.execute();
    const open = await this.paidSubscriptions.openCustomers();
    const incomplete = open.filter(({ customerId, paymentIds }) => !listsAll(listing, customerId, paymentIds));
    const askAlone = new Set([...listing.unread, ...incomplete.map(({ customerId }) => customerId)]);
    for (const customerId of askAlone) await this.tryFor(customerId, () => this.syncCustomer.execute(customerId));
    for (const [customerId, subscriptions] of listing.byCustomer) {
      if (askAlone.has(customerId)) continue;
      const answer = { customerId, askedAt: listing.askedAt, subscriptions, isDeleted: false };
      await this.tryFor(customerId, () => this.followCustomer.execute(answer));
    }
  }

  /** Begins nothing new from now on. */
  stop(): void {
    this.isOver = true;
  }

  private async tryFor(customerId: string, work: () => Promise<unknown>): Promise<void> {
    if (this.isOver) return;
    try {
      await work();
    } catch (error) {
      this.logger.warn(`Customer ${customerId} could not be compared; the next round tries again`, error);
    }
  }
}

function listsAll({ byCustomer }: PaymentListing, customerId: string, paymentIds: readonly string[]): boolean {
  const listed = new Set(byCustomer.get(customerId)?.map(({ id }) => id));
  return paymentIds.every((id) => listed.has(id));
}
