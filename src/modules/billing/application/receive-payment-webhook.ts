import { Injectable } from '@nestjs/common';
import { PaymentGateway, type PaymentWebhook } from './ports/payment-gateway.port';
import { TakePaymentEvent } from './take-payment-event';

/**
 * Takes in what the payment side sends. It is kept when this resolves, and worked off afterwards.
 * @throws PaymentWebhookRefused
 */
@Injectable()
export class ReceivePaymentWebhook {
  constructor(
    private readonly payments: PaymentGateway,
    private readonly takePaymentEvent: TakePaymentEvent,
  ) {}

  async execute(webhook: PaymentWebhook): Promise<void> {
    await this.takePaymentEvent.execute(this.payments.readEvent(webhook));
  }
}
