import { Injectable } from '@nestjs/common';
import type { CallProvider, CallReport, PlacedCall } from '../../providers/public/call-provider.port';
import { VendorSilent } from '../domain/calls.errors';
import { AdoptCall } from './adopt-call';
import { ApplyCallReport } from './apply-call-report';
import { Adoptions } from './ports/adoptions.port';
import { Comparisons } from './ports/comparisons.port';

/**
 * A vendor's own word about an attempt that nobody knows, of a call that is known: a restored database has lost it.
 * A queued call follows it at once, marked or not, so that it is not dialled a second time. Whatever else there is of
 * it, the comparison finds.
 */
@Injectable()
export class TakeInStrayReport {
  constructor(
    private readonly adoptions: Adoptions,
    private readonly comparisons: Comparisons,
    private readonly adoptCall: AdoptCall,
    private readonly applyCallReport: ApplyCallReport,
  ) {}

  /**
   * @param provider the account that has proven to send the report
   * @throws VendorSilent when the vendor does not say who was called, so that it tells the report again
   */
  async execute(providerId: string, provider: CallProvider, report: CallReport): Promise<void> {
    if (report.callId === undefined) return;
    const isQueued = await this.adoptions.isQueued(report.callId);
    const answer = isQueued ? await provider.readPlaced(report.providerCallId) : undefined;
    if (answer?.kind === 'found' && (await this.adopt(providerId, answer.call, report))) return;
    await this.comparisons.noteNews(providerId, report.callId);
    if (answer?.kind === 'unavailable') throw new VendorSilent(answer.detail);
  }

  /** A report does not say who was called: the call itself does. */
  private async adopt(listedBy: string, placed: PlacedCall, report: CallReport): Promise<boolean> {
    const { became, providerId } = await this.adoptCall.execute(listedBy, placed, 'report');
    if (became !== 'adopted') return false;
    await this.applyCallReport.execute(providerId, report);
    return true;
  }
}
