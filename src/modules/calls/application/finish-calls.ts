import { Injectable } from '@nestjs/common';
import { DispatchSettings } from './dispatch-settings';
import { GiveUpPlacement } from './give-up-placement';
import { MeasureCall } from './measure-call';
import { LiveCalls } from './ports/live-calls.port';

/** A vendor must have denied an unknown placement so often before the policy applies. */
const LOOKUPS_BEFORE_GIVING_UP = 2;
/** A placement whose vendor cannot be asked is given up after so many times the ordinary window. */
const HOPELESS_WINDOWS = 4;

/** Closes what has waited long enough for the vendor's word: unproven placements and unmeasured calls. */
@Injectable()
export class FinishCalls {
  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly giveUpPlacement: GiveUpPlacement,
    private readonly measureCall: MeasureCall,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const { unknownResolveAfterMs: windowMs } = this.settings;
    const hopelessMs = windowMs * HOPELESS_WINDOWS;
    const unproven = await this.liveCalls.unprovenSince(windowMs, LOOKUPS_BEFORE_GIVING_UP, hopelessMs);
    for (const attemptId of unproven) await this.giveUpPlacement.execute(attemptId);
    for (const { attemptId, atMostSeconds } of await this.liveCalls.unmeasuredSince(windowMs))
      await this.measureCall.execute(attemptId, atMostSeconds);
  }
}
