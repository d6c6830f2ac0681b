import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import { ApplyCallReport } from './apply-call-report';
import { AskAboutCall } from './ask-about-call';
import { DispatchSettings } from './dispatch-settings';
import { inLanes } from './in-lanes';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

/** Calls that one run asks about, so that a vendor's rate limit is not hammered. */
const CALLS_PER_RUN = 50;
/** After its maximum duration a call is given so many times the window of unknown placements before it counts as over. */
const GRACE_WINDOWS = 4;

const NOBODY_TELLS =
  'Nobody has told the end of the call, which must be over by now; it ends as unknown. Look at the provider’s webhooks and key: docs/runbooks/webhooks-lost.md';

/** Asks vendors about accepted calls that have been silent: their webhooks may be lost. */
@Injectable()
export class LookAfterCalls {
  private readonly logger = new Logger(LookAfterCalls.name);

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly askAboutCall: AskAboutCall,
    private readonly applyCallReport: ApplyCallReport,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const silent = await this.liveCalls.takeSilent(this.settings.pollSilentAfterMs, CALLS_PER_RUN);
    await inLanes(silent, (call) => this.askAboutCall.execute(call));
    const graceMs = this.settings.unknownResolveAfterMs * GRACE_WINDOWS;
    for (const call of await this.liveCalls.overstayed(graceMs)) await this.end(call);
  }

  /** The vendor had to end it long ago, and cannot or will not say: its slot and its user wait no longer. */
  private end({ callQueueId: callId, attemptId, providerId, providerCallId }: LiveCall): Promise<boolean> {
    return within('inquiry', { callId, attemptId, providerId, providerCallId }, () => {
      this.logger.error(NOBODY_TELLS, { event: 'attempt.overstayed' });
      const report = { providerCallId, attemptId, progress: 'ended', outcome: 'unknown' } as const;
      return this.applyCallReport.execute(providerId, report);
    });
  }
}
