import { Injectable } from '@nestjs/common';
import { UserDirectory } from '../../users/public/user-directory.port';
import { isOver } from '../domain/paid-subscription';
import { isUserId } from '../domain/user-id';
import { KeepCustomer } from './keep-customer';
import type { PaymentAnswer } from './payment-answer';
import { type Customer, Customers } from './ports/customers.port';
import { SettleSecondCustomer } from './settle-second-customer';

/**
 * Tells whose customer an answer is about. One that we don't know, but whose subscription names a user (it may have
 * been made before a backup was restored, or by hand) becomes that user's, unless the user has another one.
 */
@Injectable()
export class FindOwner {
  constructor(
    private readonly customers: Customers,
    private readonly keepCustomer: KeepCustomer,
    private readonly users: UserDirectory,
    private readonly settleSecondCustomer: SettleSecondCustomer,
  ) {}

  async execute(answer: PaymentAnswer): Promise<Customer | undefined> {
    const { customerId, subscriptions } = answer;
    const known = await this.customers.findByCustomerId(customerId);
    if (known) return known;
    const userId = subscriptions.find((subscription) => !isOver(subscription) && subscription.userId !== null)?.userId;
    if (!userId || !isUserId(userId) || !(await this.users.contactOf(userId))) return undefined;
    const kept = await this.keepCustomer.execute(userId, customerId);
    return kept.customerId === customerId ? kept : this.settleSecondCustomer.execute(kept, answer);
  }
}
