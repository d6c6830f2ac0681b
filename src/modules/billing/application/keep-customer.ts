import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { type Customer, Customers } from './ports/customers.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Notes who a user is at the payment side: the first one noted stays, until it is deleted there. */
@Injectable()
export class KeepCustomer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly customers: Customers,
  ) {}

  /**
   * @returns the one that the user has now
   * @throws SubscriberNotFound
   */
  execute(userId: string, customerId: string): Promise<Customer> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      return this.customers.keep(userId, customerId);
    });
  }
}
