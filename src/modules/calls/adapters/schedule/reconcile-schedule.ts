import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../../../../shared/schedule/rounds';
import { DispatchSettings } from '../../application/dispatch-settings';
import { ReconcileCalls } from '../../application/reconcile-calls';
import { WatchRestores } from '../../application/watch-restores';

/** Looks after restores at the start, and from then on at a steady interval after unknown placements and silent calls, too. */
@Injectable()
export class ReconcileSchedule extends Rounds {
  private isFirst = true;

  constructor(
    private readonly reconcileCalls: ReconcileCalls,
    private readonly watchRestores: WatchRestores,
    settings: DispatchSettings,
    scheduler: SchedulerRegistry,
  ) {
    super(scheduler, {
      name: 'reconcile-calls',
      intervalMs: settings.reconcileIntervalMs,
      failure: 'Calls could not be looked after',
      longestWaitMs: 3_000,
    });
  }

  protected execute(): Promise<unknown> {
    const duties = this.isFirst ? [this.watchRestores] : [this.watchRestores, this.reconcileCalls];
    this.isFirst = false;
    return Promise.all(duties.map((duty) => duty.execute()));
  }

  /** It waits for vendors: what they have not answered by the end is asked again by another instance. */
  protected stop(): void {
    return;
  }
}
