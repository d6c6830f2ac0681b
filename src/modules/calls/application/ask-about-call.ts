import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import type { CallLookup } from '../../providers/public/call-provider.port';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { ApplyCallReport } from './apply-call-report';
import { SilentCallAsked } from './observed-facts';
import type { SilentCall } from './ports/live-calls.port';

/** Asks the vendor about an accepted call that has been silent, and takes in what it says. */
@Injectable()
export class AskAboutCall {
  private readonly logger = new Logger(AskAboutCall.name);

  constructor(
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
    private readonly events: DomainEvents,
  ) {}

  /** Never rejects: a call that could not be asked about is asked about again. */
  async execute(call: SilentCall): Promise<void> {
    const { attemptId, providerId } = call;
    try {
      const provider = await this.providers.connect(providerId);
      await this.take(call, await provider.getCall(call.providerCallId));
    } catch (error) {
      this.logger.warn(`Attempt ${attemptId} could not be asked about, it will be tried again`, error);
    }
  }

  private async take({ attemptId, providerId, providerCallId, isOver }: SilentCall, answer: CallLookup): Promise<void> {
    if (answer.kind === 'found') await this.applyCallReport.execute(providerId, { ...answer.report, attemptId });
    if (answer.kind === 'not-found')
      this.logger.warn(`Attempt ${attemptId}: the vendor does not show call ${providerCallId}; its slot stays taken`);
    // Of a call whose end was told only the connected time is missing: no webhook is.
    if (!isOver) await this.events.publish(new SilentCallAsked(providerId, wordFor(answer)));
  }
}

function wordFor(answer: CallLookup): SilentCallAsked['answer'] {
  if (answer.kind === 'found') return answer.report.progress === 'ended' ? 'ended' : 'under_way';
  return answer.kind === 'not-found' ? 'not_found' : 'unavailable';
}
