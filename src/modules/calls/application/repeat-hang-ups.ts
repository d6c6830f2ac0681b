import { Injectable } from '@nestjs/common';
import { DispatchSettings } from './dispatch-settings';
import { HangUpCall } from './hang-up-call';
import { inLanes } from './in-lanes';
import { LiveCalls } from './ports/live-calls.port';

/** So many are taken at a time; another instance may take the others meanwhile. */
const HANG_UPS_AT_ONCE = 500;
/** Requests to one vendor that are under way together. */
const HANG_UPS_PER_PROVIDER = 10;

/** Asks for the hang-ups that no vendor was asked for yet, and again for those that a vendor has not followed. */
@Injectable()
export class RepeatHangUps {
  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly hangUpCall: HangUpCall,
    private readonly settings: DispatchSettings,
  ) {}

  /**
   * @param isOver asked before anything new is begun. The one who has ordered the hang-ups never says so: an emergency
   * stop that is answered while the service itself is stopping hangs up all the same
   */
  async execute(isOver: () => boolean = () => false): Promise<void> {
    const begunAt = performance.now();
    for (let taken = HANG_UPS_AT_ONCE; taken === HANG_UPS_AT_ONCE && !isOver();) {
      // However long the vendors take: what was asked for since the beginning is left to the next round.
      const againAfterMs = this.settings.reconcileIntervalMs + (performance.now() - begunAt);
      const overdue = await this.liveCalls.takeHangUps(againAfterMs, HANG_UPS_AT_ONCE);
      await inLanes(
        overdue,
        (live) => (isOver() ? Promise.resolve() : this.hangUpCall.ask(live)),
        HANG_UPS_PER_PROVIDER,
      );
      taken = overdue.length;
    }
  }
}
