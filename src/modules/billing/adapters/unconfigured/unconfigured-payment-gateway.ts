import { Injectable } from '@nestjs/common';
import { PaymentGateway } from '../../application/ports/payment-gateway.port';
import { PaymentsUnavailable, PaymentWebhookRefused } from '../../domain/billing.errors';

/** Stands where no payment side is configured: only what costs nothing works, and nobody's webhooks are believed. */
@Injectable()
export class UnconfiguredPaymentGateway extends PaymentGateway {
  createCustomer = refuse;
  openCheckout = refuse;
  closeCheckouts = refuse;
  closeCheckout = refuse;
  subscriptionsOf = refuse;
  isDeleted = refuse;
  changeNow = refuse;
  changeAtPeriodEnd = refuse;
  cancelAtPeriodEnd = refuse;
  goOn = refuse;
  finishInterrupted = refuse;
  forgetInterrupted = refuse;
  awaitsPayment = refuse;
  cancelNow = refuse;
  openPortal = refuse;
  offer = refuse;

  allSubscriptions(): AsyncIterable<never> {
    throw new PaymentsUnavailable();
  }

  readEvent(): never {
    throw new PaymentWebhookRefused();
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new PaymentsUnavailable());
}
