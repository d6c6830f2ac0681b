import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../../../../shared/schedule/rounds';
import { BillingSettings } from '../../application/billing-settings';
import { ReconcilePayments } from '../../application/reconcile-payments';

/** What a shutdown waits for a payment side that does not answer. */
const LONGEST_WAIT_MS = 3_000;

/** Compares with the payment side at the start and at a steady interval. */
@Injectable()
export class ReconcilePaymentsSchedule extends Rounds {
  constructor(
    private readonly reconcilePayments: ReconcilePayments,
    { reconcileIntervalMs }: BillingSettings,
    scheduler: SchedulerRegistry,
  ) {
    super(scheduler, {
      name: 'reconcile-payments',
      intervalMs: reconcileIntervalMs,
      failure: 'The payment side could not be compared with',
      longestWaitMs: LONGEST_WAIT_MS,
    });
  }

  protected execute(): Promise<void> {
    return this.reconcilePayments.execute();
  }

  protected stop(): void {
    this.reconcilePayments.stop();
  }
}
