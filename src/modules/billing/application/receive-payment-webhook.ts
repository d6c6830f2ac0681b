import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { note } from '../../../shared/observability/story';
import { PaymentWebhookRefused } from '../domain/billing.errors';
import { PaymentWebhookAnswered } from './observed-facts';
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
    private readonly events: DomainEvents,
  ) {}

  async execute(webhook: PaymentWebhook): Promise<void> {
    try {
      const event = this.payments.readEvent(webhook);
      note({ eventId: event.id, ...(event.customerId === null ? {} : { customerId: event.customerId }) });
      await this.takePaymentEvent.execute(event);
      const lagSeconds = Math.max(0, Date.now() - event.createdAt.getTime()) / 1_000;
      await this.events.publish(new PaymentWebhookAnswered('taken', lagSeconds));
    } catch (error) {
      const result = error instanceof PaymentWebhookRefused ? 'unauthenticated' : 'failed';
      await this.events.publish(new PaymentWebhookAnswered(result, null));
      throw error;
    }
  }
}
