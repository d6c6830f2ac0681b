import { Injectable } from '@nestjs/common';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Opens the page where a user manages payment methods and invoices.
 * @throws PaymentsUnavailable
 */
@Injectable()
export class OpenBillingPortal {
  constructor(private readonly payments: PaymentGateway) {}

  execute(userId: string, returnUrl: string): Promise<string> {
    return this.payments.openPortal(userId, returnUrl);
  }
}
