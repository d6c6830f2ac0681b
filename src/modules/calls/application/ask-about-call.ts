import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import type { CallLookup } from '../../providers/public/call-provider.port';
import { within } from '../../../shared/observability/story';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { ApplyCallReport } from './apply-call-report';
import { SilentCallAsked } from './observed-facts';
import type { SilentCall } from './ports/live-calls.port';

const FAILED = 'It could not be asked about, which will be tried again';

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
  execute(call: SilentCall): Promise<void> {
    const { callQueueId: callId, attemptId, providerId, providerCallId } = call;
    return within('inquiry', { callId, attemptId, providerId, providerCallId }, async () => {
      try {
        const provider = await this.providers.connect(providerId);
        await this.take(call, await provider.getCall(providerCallId));
      } catch (error) {
        this.logger.warn(FAILED, error, { event: 'attempt.inquiry_failed' });
      }
    });
  }

  private async take({ attemptId, providerId, isOver }: SilentCall, answer: CallLookup): Promise<void> {
    if (answer.kind === 'found') await this.applyCallReport.execute(providerId, { ...answer.report, attemptId });
    if (answer.kind === 'not-found')
      this.logger.warn('The vendor does not show the call; its slot stays taken', { event: 'attempt.not_shown' });
    if (answer.kind === 'unavailable') this.logger.warn(FAILED, { event: 'attempt.inquiry_failed' });
    // Of a call whose end was told only the connected time is missing: no webhook is.
    if (!isOver) await this.events.publish(new SilentCallAsked(providerId, wordFor(answer)));
  }
}

function wordFor(answer: CallLookup): SilentCallAsked['answer'] {
  if (answer.kind === 'found') return answer.report.progress === 'ended' ? 'ended' : 'under_way';
  return answer.kind === 'not-found' ? 'not_found' : 'unavailable';
}
