import { Injectable, Logger } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { ApplyCallReport } from './apply-call-report';
import { DispatchSettings } from './dispatch-settings';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

/** Calls that one run asks about, so that a vendor's rate limit is not hammered. */
const CALLS_PER_RUN = 50;

/** Asks vendors about accepted calls that have been silent: their webhooks may be lost. */
@Injectable()
export class LookAfterCalls {
  private readonly logger = new Logger(LookAfterCalls.name);

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const silent = await this.liveCalls.takeSilent(this.settings.pollSilentAfterMs, CALLS_PER_RUN);
    for (const call of silent) await this.ask(call);
  }

  private async ask({ attemptId, providerId, providerCallId }: LiveCall): Promise<void> {
    try {
      const provider = await this.providers.connect(providerId);
      const answer = await provider.getCall(providerCallId);
      if (answer.kind === 'found') await this.applyCallReport.execute(providerId, { ...answer.report, attemptId });
      else if (answer.kind === 'not-found')
        this.logger.warn(`Attempt ${attemptId}: the vendor does not show call ${providerCallId}; its slot stays taken`);
    } catch (error) {
      this.logger.warn(`Attempt ${attemptId} could not be asked about, it will be tried again`, error);
    }
  }
}
