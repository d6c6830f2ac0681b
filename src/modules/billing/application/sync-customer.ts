import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import { PaymentObjectMissing } from '../domain/billing.errors';
import { isOver } from '../domain/paid-subscription';
import type { PaymentSubscription } from '../domain/payment-subscription';
import { FollowCustomer } from './follow-customer';
import { type Customer, Customers, type Moment } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Asks the payment side for all that it has of a customer, and makes ours follow. Whatever changed there before this
 * began is seen, so it may be asked for at any time, any number of times, by any number of instances at once.
 * While the payment side is asked no transaction is open and no lock is held.
 */
@Injectable()
export class SyncCustomer {
  private readonly logger = new Logger(SyncCustomer.name);

  constructor(
    private readonly customers: Customers,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly payments: PaymentGateway,
    private readonly followCustomer: FollowCustomer,
  ) {}

  /**
   * @returns when the payment side was asked
   * @throws PaymentsUnavailable; PaymentObjectMissing for a customer of ours that the payment side doesn't know: nobody
   * else tells that the service may be using another account's key, so it never passes for an answer
   */
  execute(customerId: string): Promise<Moment> {
    return within('payment-sync', { customerId }, () => this.sync(customerId));
  }

  private async sync(customerId: string): Promise<Moment> {
    const askedAt = await this.customers.moment();
    const customer = await this.customers.findByCustomerId(customerId);
    const openIds = customer && (await this.openIdsOf(customer));
    const subscriptions = await this.subscriptionsOf(customerId, openIds ?? [], customer);
    if (!subscriptions) return askedAt;
    const mayBeGone = openIds !== undefined && subscriptions.every(isOver);
    const isDeleted = mayBeGone ? await this.payments.isDeleted(customerId) : null;
    await this.followCustomer.execute({ customerId, askedAt, subscriptions, isDeleted });
    return askedAt;
  }

  /** Undefined for a customer whom the payment side doesn't know, and who is nobody here, or nobody any more. */
  private async subscriptionsOf(
    customerId: string,
    openIds: readonly string[],
    customer: Customer | undefined,
  ): Promise<readonly PaymentSubscription[] | undefined> {
    try {
      return await this.payments.subscriptionsOf(customerId, openIds);
    } catch (error) {
      if (!(error instanceof PaymentObjectMissing)) throw error;
      if (!customer || customer.isDeleted) {
        this.logger.warn(`Customer ${customerId} is neither at the payment side nor anybody here: nothing follows`);
        return undefined;
      }
      this.logger.error(
        `The payment side does not know customer ${customerId}, who is a user's. Nothing changes for the user: look ` +
          'whether the service uses the right account.',
      );
      throw error;
    }
  }

  /** What we think goes on. */
  private async openIdsOf({ userId }: Customer): Promise<readonly string[]> {
    const recorded = await this.paidSubscriptions.of(userId);
    return recorded.filter((record) => !isOver(record)).map(({ paymentId }) => paymentId);
  }
}
