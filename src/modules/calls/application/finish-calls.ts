import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import { DispatchSettings } from './dispatch-settings';
import { GiveUpPlacement } from './give-up-placement';
import { MeasureCall } from './measure-call';
import { LiveCalls, type OpenAttempt } from './ports/live-calls.port';

/** A vendor must have denied an unknown placement so often before the policy applies. */
const LOOKUPS_BEFORE_GIVING_UP = 2;
/** A placement whose vendor cannot be asked is given up after so many times the ordinary window. */
const HOPELESS_WINDOWS = 4;

/** Closes what has waited long enough for the vendor's word: unproven placements and unmeasured calls. */
@Injectable()
export class FinishCalls {
  private readonly logger = new Logger(FinishCalls.name);

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
    for (const attempt of unproven) await this.safely(attempt, () => this.giveUpPlacement.execute(attempt.attemptId));
    for (const attempt of await this.liveCalls.unmeasuredSince(windowMs))
      await this.safely(attempt, () => this.measureCall.execute(attempt.attemptId, attempt.atMostSeconds));
  }

  /** One attempt that cannot be closed must not keep the others open. */
  private safely(attempt: OpenAttempt, close: () => Promise<void>): Promise<void> {
    const { callQueueId: callId, attemptId, providerId } = attempt;
    return within('resolution', { callId, attemptId, providerId }, async () => {
      try {
        await close();
      } catch (error) {
        this.logger.warn('It could not be closed, which will be tried again', error, { event: 'attempt.close_failed' });
      }
    });
  }
}
