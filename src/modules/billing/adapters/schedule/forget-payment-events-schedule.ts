import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../../../../shared/schedule/rounds';
import { ForgetPaymentEvents } from '../../application/forget-payment-events';

/** Deletes old payment events at the start and every hour. */
@Injectable()
export class ForgetPaymentEventsSchedule extends Rounds {
  constructor(
    private readonly forgetPaymentEvents: ForgetPaymentEvents,
    scheduler: SchedulerRegistry,
  ) {
    super(scheduler, {
      name: 'forget-payment-events',
      intervalMs: 3_600_000,
      failure: 'Old payment events could not be deleted',
    });
  }

  protected execute(): Promise<void> {
    return this.forgetPaymentEvents.execute();
  }

  protected stop(): void {
    this.forgetPaymentEvents.stop();
  }
}
