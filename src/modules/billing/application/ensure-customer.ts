import { Injectable } from '@nestjs/common';
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
    return this.keepCustomer.execute(userId, customerId);
  }
}
