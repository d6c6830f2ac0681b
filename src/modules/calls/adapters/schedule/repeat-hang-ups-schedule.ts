import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../../../../shared/schedule/rounds';
import { DispatchSettings } from '../../application/dispatch-settings';
import { RepeatHangUps } from '../../application/repeat-hang-ups';

/**
 * Asks for hang-ups in rounds of their own: a vendor that is slow to follow an emergency stop holds up no other duty. The
 * first one comes after an interval, so that nothing is hung up before a restored database can be noticed.
 */
@Injectable()
export class RepeatHangUpsSchedule extends Rounds {
  private isOver = false;

  constructor(
    private readonly repeatHangUps: RepeatHangUps,
    settings: DispatchSettings,
    scheduler: SchedulerRegistry,
  ) {
    super(scheduler, {
      name: 'repeat-hang-ups',
      intervalMs: settings.reconcileIntervalMs,
      failure: 'Calls that are to end could not be hung up',
      beginsAtOnce: false,
      longestWaitMs: 3_000,
    });
  }

  protected execute(): Promise<void> {
    return this.repeatHangUps.execute(() => this.isOver);
  }

  /** Another instance asks for the rest. */
  protected stop(): void {
    this.isOver = true;
  }
}
