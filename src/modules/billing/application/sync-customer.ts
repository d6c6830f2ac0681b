import { Injectable } from '@nestjs/common';
import { isOver } from '../domain/paid-subscription';
import { FollowCustomer } from './follow-customer';
import { Customers, type Moment } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Asks the payment side for all that it has of a customer, and makes ours follow. Whatever changed there before this
 * began is seen, so it may be asked for at any time, any number of times, by any number of instances at once.
 * While the payment side is asked no transaction is open and no lock is held.
 */
@Injectable()
export class SyncCustomer {
  constructor(
    private readonly customers: Customers,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly payments: PaymentGateway,
    private readonly followCustomer: FollowCustomer,
  ) {}

  /**
   * @returns when the payment side was asked
   * @throws PaymentsUnavailable, PaymentObjectMissing
   */
  async execute(customerId: string): Promise<Moment> {
    const askedAt = await this.customers.moment();
    const openIds = await this.openIds(customerId);
    const subscriptions = await this.payments.subscriptionsOf(customerId, openIds ?? []);
    const mayBeGone = openIds !== undefined && subscriptions.every(isOver);
    const isDeleted = mayBeGone && (await this.payments.isDeleted(customerId));
    await this.followCustomer.execute({ customerId, askedAt, subscriptions, isDeleted });
    return askedAt;
  }

  /** What we think goes on; undefined for a customer that we don't know. */
  private async openIds(customerId: string): Promise<readonly string[] | undefined> {
    const customer = await this.customers.findByCustomerId(customerId);
    if (!customer) return undefined;
    const recorded = await this.paidSubscriptions.of(customer.userId);
    return recorded.filter((record) => !isOver(record)).map(({ paymentId }) => paymentId);
  }
}
