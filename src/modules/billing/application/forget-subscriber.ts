import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { SubscriberErasure } from '../public/subscriber-erasure.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { SubscriberRecords } from './ports/subscriber-records.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Forgets who a subscriber is, and closes what the user could still buy on. */
@Injectable()
export class ForgetSubscriber extends SubscriberErasure {
  private readonly logger = new Logger(ForgetSubscriber.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly records: SubscriberRecords,
    private readonly payments: PaymentGateway,
  ) {
    super();
  }

  hold(userId: string): Promise<void> {
    return this.subscriptions.lockFor(userId);
  }

  async erase(userId: string): Promise<void> {
    const customerId = await this.records.forget(userId);
    if (customerId !== undefined) this.unitOfWork.afterCommit(() => void this.closePages(customerId));
  }

  /** After the commit: whoever opens a page later than this finds nobody to open it for, and closes it. */
  private async closePages(customerId: string): Promise<void> {
    try {
      await this.payments.closeCheckouts(customerId, null);
    } catch (error) {
      this.logger.warn(
        `Customer ${customerId} belonged to a user who is erased, and pages that were open for it may still be: look for ` +
          'open ones at the payment side. They close by themselves within a day',
        error,
      );
    }
  }
}
