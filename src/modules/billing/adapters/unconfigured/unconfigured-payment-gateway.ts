import { PaymentGateway } from '../../application/ports/payment-gateway.port';
import { PaymentsUnavailable } from '../../domain/billing.errors';

/** Stands where no payment side is configured: only what costs nothing works. */
export class UnconfiguredPaymentGateway extends PaymentGateway {
  openPortal(): Promise<string> {
    return Promise.reject(new PaymentsUnavailable());
  }
}
