import { Injectable } from '@nestjs/common';
import type { CallProvider, CallReport, PlacedCall } from '../../providers/public/call-provider.port';
import { AdoptCall, type Adoption } from './adopt-call';
import { ApplyCallReport } from './apply-call-report';
import { CatchUpOpenAttempt } from './catch-up-open-attempt';
import { VendorSilent } from '../domain/calls.errors';
import { isOpen } from '../domain/attempt';
import { Attempts } from './ports/attempts.port';

export interface TakenIn {
  readonly became: Adoption;
  /** Whether the call is under way at the vendor without holding a slot here. */
  readonly isWithoutSlot: boolean;
}

/** One call that a vendor lists, taken into a restored database. May be repeated. */
@Injectable()
export class TakeInPlacedCall {
  constructor(
    private readonly attempts: Attempts,
    private readonly catchUpOpenAttempt: CatchUpOpenAttempt,
    private readonly adoptCall: AdoptCall,
    private readonly applyCallReport: ApplyCallReport,
  ) {}

  /**
   * An attempt that is known goes on as with a webhook; one that is not is adopted by its call.
   * @throws VendorSilent when the vendor does not tell everything just now
   */
  async execute(providerId: string, provider: CallProvider, placed: PlacedCall): Promise<TakenIn> {
    const { attemptId, report } = placed;
    const [known] = await this.attempts.find([{ providerId, providerCallId: report.providerCallId, attemptId }]);
    if (known !== undefined) {
      if (!(await this.isOver(known))) await this.advance(providerId, provider, { ...report, attemptId: known });
      return { became: 'known', isWithoutSlot: await this.isWithoutSlot(known, report) };
    }
    if (report.callId !== undefined) await this.catchUpOpenAttempt.execute(report.callId, attemptId);
    const { became, providerId: placedBy } = await this.adoptCall.execute(providerId, placed, 'comparison');
    if (became === 'adopted' || became === 'known') await this.advance(placedBy, provider, report);
    return { became, isWithoutSlot: await this.isWithoutSlot(attemptId, report) };
  }

  private async isOver(attemptId: string): Promise<boolean> {
    const attempt = await this.attempts.read(attemptId);
    return attempt?.state === 'ended' && attempt.isSettled && attempt.providerCallId !== null;
  }

  /** Given-up attempts, and those whose call went another way, hold none; one that has ended meanwhile needs none. */
  private async isWithoutSlot(attemptId: string, { progress }: CallReport): Promise<boolean> {
    if (progress === 'ended') return false;
    const attempt = await this.attempts.read(attemptId);
    return attempt === undefined || !(isOpen(attempt.state) || attempt.progress === 'ended');
  }

  private async advance(providerId: string, provider: CallProvider, report: CallReport): Promise<void> {
    const whole = isPartial(report) ? await this.readWhole(provider, report) : report;
    await this.applyCallReport.execute(providerId, whole);
  }

  /** Some vendors' lists leave out what was said. */
  private async readWhole(provider: CallProvider, report: CallReport): Promise<CallReport> {
    const answer = await provider.getCall(report.providerCallId);
    if (answer.kind === 'unavailable') throw new VendorSilent(answer.detail);
    return answer.kind === 'found' ? { ...answer.report, ...idsOf(report) } : report;
  }
}

function isPartial({ progress, durationSeconds = 0, transcript }: CallReport): boolean {
  return progress === 'ended' && durationSeconds > 0 && transcript === undefined;
}

function idsOf({ attemptId }: CallReport): Pick<CallReport, 'attemptId'> {
  return attemptId === undefined ? {} : { attemptId };
}
