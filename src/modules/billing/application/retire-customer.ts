import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { Customers } from './ports/customers.port';
import { Subscriptions } from './ports/subscriptions.port';
import { RetireSubscriptions } from './retire-subscriptions';

/**
 * Takes leave of a customer whom the payment side doesn't have (any more): the subscriptions end, the free plan follows,
 * and the next purchase makes another customer. One transaction; safe to repeat, and at the same time.
 */
@Injectable()
export class RetireCustomer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly customers: Customers,
    private readonly retireSubscriptions: RetireSubscriptions,
  ) {}

  /**
   * @param isGone tells by the payment side's id what of the user's is gone with the customer
   * @returns whether anything was left to do
   */
  execute(customerId: string, isGone: (id: string) => boolean): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      const userId = await this.lockOwner(customerId);
      const customer = await this.customers.findByCustomerId(customerId);
      if (userId === undefined || !customer) return false;
      const askedAt = await this.customers.moment();
      // What was asked before and is answered later must not bring back what ends here.
      await this.customers.noteAnswer(customerId, askedAt);
      const isDeletedNow = isGone(customerId) && !customer.isDeleted;
      if (isDeletedNow) await this.customers.noteDeleted(customerId);
      const hasEnded = await this.retireSubscriptions.execute({ userId, isGone, askedAt });
      return isDeletedNow || hasEnded;
    });
  }

  private async lockOwner(customerId: string): Promise<string | undefined> {
    const userId = (await this.customers.findByCustomerId(customerId))?.userId;
    if (userId !== undefined) await this.subscriptions.lockFor(userId);
    return userId;
  }
}
