import { Injectable } from '@nestjs/common';
import { BillingSettings } from './billing-settings';
import { PaymentEvents } from './ports/payment-events.port';

/** Rows that one statement deletes, so that none holds many locks for long. */
const BATCH = 1_000;

/** Deletes what the payment side sent and was worked off long ago. What still waits is kept, however old it is. */
@Injectable()
export class ForgetPaymentEvents {
  private isOver = false;

  constructor(
    private readonly events: PaymentEvents,
    private readonly settings: BillingSettings,
  ) {}

  /** Rejects when the database cannot be reached: the next round goes on. */
  async execute(): Promise<void> {
    let deleted = BATCH;
    while (deleted === BATCH && !this.isOver) deleted = await this.events.forget(this.settings.eventRetentionMs, BATCH);
  }

  /** Begins nothing new from now on. */
  stop(): void {
    this.isOver = true;
  }
}
