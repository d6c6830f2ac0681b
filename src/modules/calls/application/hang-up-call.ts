import { Injectable, Logger } from '@nestjs/common';
import { within } from '../../../shared/observability/story';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

const FAILED = 'The vendor could not be asked to hang up; it will be asked again';

/** Asks the provider to end a call that its user or an emergency stop wants ended, as far as the call is known there. */
@Injectable()
export class HangUpCall {
  private readonly logger = new Logger(HangUpCall.name);

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly providers: ProviderPool,
  ) {}

  /** Never rejects: a hang-up that fails is asked for again by the next look at unfinished calls. */
  execute(callQueueId: string): Promise<void> {
    return within('hang-up', { callId: callQueueId }, async () => {
      try {
        const live = await this.liveCalls.toHangUp(callQueueId);
        if (live) await this.ask(live);
      } catch (error) {
        this.logger.warn(FAILED, error, { event: 'attempt.hang_up_failed' });
      }
    });
  }

  /** Like `execute`, for a call that is noted as being asked about. */
  ask({ callQueueId: callId, attemptId, providerId, providerCallId }: LiveCall): Promise<void> {
    return within('hang-up', { callId, attemptId, providerId, providerCallId }, async () => {
      try {
        const provider = await this.providers.connect(providerId);
        const answer = await provider.endCall(providerCallId);
        if (answer === 'unavailable') this.logger.warn(FAILED, { event: 'attempt.hang_up_failed' });
        else this.logger.log('The vendor was asked to hang up', { event: 'attempt.hang_up_asked', answer });
      } catch (error) {
        this.logger.warn(FAILED, error, { event: 'attempt.hang_up_failed' });
      }
    });
  }
}
