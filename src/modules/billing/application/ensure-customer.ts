import { Injectable, Logger } from '@nestjs/common';
import { UserDirectory } from '../../users/public/user-directory.port';
import { SubscriberNotFound } from '../domain/billing.errors';
import { KeepCustomer } from './keep-customer';
import { type Customer, Customers } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Finds the customer that a user is at the payment side, or makes one: the same one however often and from however many
 * instances it is asked for. One that was deleted there is replaced.
 */
@Injectable()
export class EnsureCustomer {
  private readonly logger = new Logger(EnsureCustomer.name);

  constructor(
    private readonly customers: Customers,
    private readonly users: UserDirectory,
    private readonly payments: PaymentGateway,
    private readonly keepCustomer: KeepCustomer,
  ) {}

  /** @throws SubscriberNotFound, PaymentsUnavailable */
  async execute(userId: string): Promise<Customer> {
    const known = await this.customers.find(userId);
    if (known && !known.isDeleted) return known;
    const contact = await this.users.contactOf(userId);
    if (!contact) throw new SubscriberNotFound();
    const replaces = known?.customerId ?? null;
    const customerId = await this.payments.createCustomer({ userId, email: contact.email, replaces });
    return this.keep(userId, customerId);
  }

  /** Changes nothing. @throws SubscriberNotFound unless the user is still there */
  requireThere(userId: string): Promise<void> {
    return this.keepCustomer.requireThere(userId);
  }

  private async keep(userId: string, customerId: string): Promise<Customer> {
    try {
      return await this.keepCustomer.execute(userId, customerId);
    } catch (error) {
      if (error instanceof SubscriberNotFound)
        this.logger.warn(
          `Customer ${customerId} was made for a user who is being erased: nobody can buy as that customer. Delete it at ` +
            'the payment side, where it has an address.',
        );
      throw error;
    }
  }
}
