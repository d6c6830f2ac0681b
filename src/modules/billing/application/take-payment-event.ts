import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { PaymentEventSignal } from './payment-event-signal';
import type { PaymentEvent } from './ports/payment-gateway.port';
import { PaymentEvents } from './ports/payment-events.port';

/**
 * Keeps what the payment side sent, once, in the surrounding unit of work if there is one, and has it worked off after
 * the commit. What it says is not looked at: it is only a hint whom to ask about.
 */
@Injectable()
export class TakePaymentEvent {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly events: PaymentEvents,
    private readonly signal: PaymentEventSignal,
  ) {}

  async execute(event: PaymentEvent): Promise<void> {
    if (await this.events.store(event)) this.unitOfWork.afterCommit(() => this.signal.wake());
  }
}
