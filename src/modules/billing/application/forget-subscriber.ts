import { Injectable, Logger } from '@nestjs/common';
import { PaymentObjectMissing } from '../domain/billing.errors';
import { type AfterErasure, SubscriberErasure } from '../public/subscriber-erasure.port';
import { Customers } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { SubscriberRecords } from './ports/subscriber-records.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Forgets who a subscriber is, and closes what the user could still buy on. */
@Injectable()
export class ForgetSubscriber extends SubscriberErasure {
  private readonly logger = new Logger(ForgetSubscriber.name);

  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly records: SubscriberRecords,
    private readonly customers: Customers,
    private readonly payments: PaymentGateway,
  ) {
    super();
  }

  async closePages(userId: string): Promise<void> {
    const customer = await this.customers.find(userId);
    if (customer && !customer.isDeleted) await this.closeAll(customer.customerId);
  }

  hold(userId: string): Promise<void> {
    return this.subscriptions.lockFor(userId);
  }

  /** Whoever opens a page later than this closes finds nobody to open it for, and closes it. */
  async erase(userId: string): Promise<AfterErasure> {
    const customerId = await this.records.forget(userId);
    return () => (customerId === undefined ? Promise.resolve() : this.closeAll(customerId));
  }

  private async closeAll(customerId: string): Promise<void> {
    try {
      await this.payments.closeCheckouts(customerId, null);
    } catch (error) {
      // Deleted there as well: nobody can buy as that customer.
      if (error instanceof PaymentObjectMissing) return;
      this.logger.warn(
        `The user who is customer ${customerId} is being erased, and pages that were open for it may still be: look for ` +
          'open ones at the payment side. They close by themselves within a day',
        error,
      );
    }
  }
}
