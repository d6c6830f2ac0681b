import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { type Customer, Customers } from './ports/customers.port';
import { RequireSubscriber } from './require-subscriber';

/** Notes who a user is at the payment side: the first one noted stays, until it is deleted there. */
@Injectable()
export class KeepCustomer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: Customers,
    private readonly requireSubscriber: RequireSubscriber,
  ) {}

  /**
   * Whoever erases the user has the same lock: nobody becomes a customer afterwards.
   * @returns the one that the user has now
   * @throws SubscriberNotFound also where the user was erased while the payment side was asked
   */
  execute(userId: string, customerId: string): Promise<Customer> {
    return this.unitOfWork.run(async () => {
      await this.requireSubscriber.execute(userId);
      return this.customers.keep(userId, customerId);
    });
  }

  /** @throws SubscriberNotFound unless the user is there, and nobody is erasing the user */
  requireThere(userId: string): Promise<void> {
    return this.requireSubscriber.execute(userId);
  }
}
