import { Injectable, Logger } from '@nestjs/common';
import { ApplyCallReport } from './apply-call-report';
import { AskAboutCall } from './ask-about-call';
import { DispatchSettings } from './dispatch-settings';
import { inLanes } from './in-lanes';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

/** Calls that one run asks about, so that a vendor's rate limit is not hammered. */
const CALLS_PER_RUN = 50;
/** After its maximum duration a call is given so many times the window of unknown placements before it counts as over. */
const GRACE_WINDOWS = 4;

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
  private async end({ attemptId, providerId, providerCallId }: LiveCall): Promise<void> {
    this.logger.error(
      `Attempt ${attemptId}: nobody has told the end of the vendor's call ${providerCallId}, which must be over by now; it ends as unknown. Look at the provider's webhooks and key`,
    );
    await this.applyCallReport.execute(providerId, {
      providerCallId,
      attemptId,
      progress: 'ended',
      outcome: 'unknown',
    });
  }
}
