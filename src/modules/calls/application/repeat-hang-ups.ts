import { Injectable } from '@nestjs/common';
import { DispatchSettings } from './dispatch-settings';
import { HangUpCall } from './hang-up-call';
import { inLanes } from './in-lanes';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

/** So many are taken at a time; another instance may take the others meanwhile. */
const HANG_UPS_AT_ONCE = 500;
/** Requests to one vendor that are under way together. */
const HANG_UPS_PER_PROVIDER = 10;

/** Asks for the hang-ups that no vendor was asked for yet, and again for those that a vendor has not followed. */
@Injectable()
export class RepeatHangUps {
  private isOver = false;

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly hangUpCall: HangUpCall,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const begunAt = performance.now();
    for (let taken = HANG_UPS_AT_ONCE; taken === HANG_UPS_AT_ONCE && !this.isOver;) {
      // However long the vendors take: what was asked for since the beginning is left to the next round.
      const againAfterMs = this.settings.reconcileIntervalMs + (performance.now() - begunAt);
      const overdue = await this.liveCalls.takeHangUps(againAfterMs, HANG_UPS_AT_ONCE);
      await inLanes(overdue, (live) => this.ask(live), HANG_UPS_PER_PROVIDER);
      taken = overdue.length;
    }
  }

  /** Begins nothing new from now on: another instance asks for the rest. */
  stop(): void {
    this.isOver = true;
  }

  private async ask(live: LiveCall): Promise<void> {
    if (!this.isOver) await this.hangUpCall.ask(live);
  }
}
