import { Injectable, Logger } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { type LiveCall, LiveCalls } from './ports/live-calls.port';

/** Asks the provider to end a call that its user or an emergency stop wants ended, as far as the call is known there. */
@Injectable()
export class HangUpCall {
  private readonly logger = new Logger(HangUpCall.name);

  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly providers: ProviderPool,
  ) {}

  /** Never rejects: a hang-up that fails is asked for again by the next look at unfinished calls. */
  async execute(callQueueId: string): Promise<void> {
    try {
      const live = await this.liveCalls.toHangUp(callQueueId);
      if (live) await this.ask(live);
    } catch (error) {
      this.logger.warn(`Call ${callQueueId}: hanging up failed, it will be asked for again`, error);
    }
  }

  /** Like `execute`, for a call that is noted as being asked about. */
  async ask({ callQueueId, providerId, providerCallId }: LiveCall): Promise<void> {
    try {
      const provider = await this.providers.connect(providerId);
      const answer = await provider.endCall(providerCallId);
      if (answer === 'unavailable')
        this.logger.warn(`Call ${callQueueId}: the provider could not be asked to hang up, it will be asked again`);
    } catch (error) {
      this.logger.warn(`Call ${callQueueId}: hanging up failed, it will be asked for again`, error);
    }
  }
}
