import { Injectable } from '@nestjs/common';
import { NoSubscription } from '../domain/billing.errors';
import { Customers } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Opens the page where a user manages payment methods and invoices. Whoever has paid before may look at it later, too;
 * for whoever never has there is nothing to see.
 * @throws NoSubscription, PaymentsUnavailable
 */
@Injectable()
export class OpenBillingPortal {
  constructor(
    private readonly customers: Customers,
    private readonly payments: PaymentGateway,
  ) {}

  async execute(userId: string, returnUrl: string): Promise<string> {
    const customer = await this.customers.find(userId);
    if (!customer || customer.isDeleted) throw new NoSubscription();
    return this.payments.openPortal(customer.customerId, returnUrl);
  }
}
