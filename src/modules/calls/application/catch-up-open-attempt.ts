import { Injectable } from '@nestjs/common';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { VendorSilent } from '../domain/calls.errors';
import { ApplyCallReport } from './apply-call-report';
import { Adoptions } from './ports/adoptions.port';

/**
 * Asks how the accepted attempt stands that a restored database still takes for open. A call has a later attempt only
 * if this one ended without ringing: told afterwards, that end would put the call back into the queue.
 */
@Injectable()
export class CatchUpOpenAttempt {
  constructor(
    private readonly adoptions: Adoptions,
    private readonly providers: ProviderPool,
    private readonly applyCallReport: ApplyCallReport,
  ) {}

  /**
   * @param laterAttemptId there is nothing to ask about if that is the one that is open
   * @throws VendorSilent when that vendor does not say
   */
  async execute(callId: string, laterAttemptId: string): Promise<void> {
    const open = await this.adoptions.openPlaced(callId);
    if (open === undefined || open.attemptId === laterAttemptId) return;
    const { attemptId, providerId, providerCallId } = open;
    const provider = await this.providers.connect(providerId);
    const answer = await provider.getCall(providerCallId);
    if (answer.kind === 'unavailable') throw new VendorSilent(answer.detail);
    if (answer.kind === 'found') await this.applyCallReport.execute(providerId, { ...answer.report, attemptId });
  }
}
