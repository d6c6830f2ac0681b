import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { UserDirectory } from '../../users/public/user-directory.port';
import { SubscriberNotFound } from '../domain/billing.errors';
import { type Customer, Customers } from './ports/customers.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Notes who a user is at the payment side: the first one noted stays, until it is deleted there. */
@Injectable()
export class KeepCustomer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly customers: Customers,
    private readonly users: UserDirectory,
  ) {}

  /**
   * Whoever erases the user has the same lock: nobody becomes a customer afterwards.
   * @returns the one that the user has now
   * @throws SubscriberNotFound also where the user was erased while the payment side was asked
   */
  execute(userId: string, customerId: string): Promise<Customer> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      if (!(await this.users.contactOf(userId))) throw new SubscriberNotFound();
      return this.customers.keep(userId, customerId);
    });
  }
}
