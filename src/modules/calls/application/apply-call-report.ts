import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { storable } from '../../../shared/kernel/storable';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { CallReport } from '../../providers/public/call-provider.port';
import type { Outcome } from '../../providers/public/outcome';
import { ProviderPool } from '../../providers/public/provider-pool.port';
import { type Advance, advanceAttempt, type AttemptEnd, asRefusal } from '../domain/advance-attempt';
import { CallEnded } from '../public/call-ended.event';
import { CallMeasured } from '../public/call-measured.event';
import { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import { CallPlaced } from '../public/call-placed.event';
import { CallReported } from '../public/call-reported.event';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import { Attempts, type LockedAttempt } from './ports/attempts.port';

/**
 * Takes what a vendor tells of a call into the attempt, the call, its history and its usage, in one transaction.
 * Reports may come before the placement's own answer, twice, late or out of order; the end state is the same.
 */
@Injectable()
export class ApplyCallReport {
  private readonly logger = new Logger(ApplyCallReport.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly providers: ProviderPool,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
  ) {}

  /** @returns whether the report belongs to one of our attempts */
  async execute(providerId: string, told: CallReport): Promise<boolean> {
    const report = storable(told);
    const reference = { providerId, providerCallId: report.providerCallId, attemptId: report.attemptId };
    const attemptId = await this.attempts.find(reference);
    if (attemptId === undefined) {
      this.logger.warn(
        `Provider ${providerId} reports call ${report.providerCallId}, which none of its attempts placed`,
      );
      return false;
    }
    await this.unitOfWork.run(() => this.apply(attemptId, report));
    return true;
  }

  private async apply(attemptId: string, report: CallReport): Promise<void> {
    if (asRefusal(report.outcome)) await this.reportHealth(attemptId, report);
    const attempt = await this.attempts.lock(attemptId);
    if (!attempt) return;
    if (attempt.call.status === 'queued') await this.events.publish(new QueuedCallLetGo(attempt.callQueueId));
    if (this.isAnotherCall(attempt, report)) return;
    const advance = advanceAttempt(attempt, report);
    await this.accept(attempt, advance, report.providerCallId);
    await this.events.publish(new CallReported(attemptId, report));
    if (advance.end) await this.end(attempt, advance, advance.end);
    if (advance.measuredMinutes !== undefined) await this.measure(attemptId, advance.measuredMinutes);
    if (advance.correctedOutcome) await this.correct(attemptId, advance.correctedOutcome);
  }

  /** One attempt is one POST: a second call with its id means that the vendor dialled twice. */
  private isAnotherCall({ id, providerCallId }: LockedAttempt, report: CallReport): boolean {
    if (providerCallId === null || providerCallId === report.providerCallId) return false;
    this.logger.error(
      `Attempt ${id} is the vendor's call ${providerCallId}, but the vendor also reports ${report.providerCallId} for it: the recipient may have been called twice`,
    );
    return true;
  }

  /**
   * Providers are locked before calls, so this decides on an unlocked read; at worst a provider is cooled once more
   * than needed when the same report is handled twice at the same moment.
   */
  private async reportHealth(attemptId: string, report: CallReport): Promise<void> {
    const seen = await this.attempts.read(attemptId);
    const end = seen && advanceAttempt(seen, report).end;
    const refusal = end?.usage.kind === 'nothing' ? asRefusal(end.outcome) : undefined;
    if (!seen || !refusal) return;
    const detail = `the vendor ended an accepted call before it rang (${refusal})`;
    const { providerId, phoneNumberId } = seen;
    const inUse = refusal === 'concurrency' ? { inUse: await this.attempts.countOpen(providerId) } : {};
    const result = { kind: 'refused', refusal, detail } as const;
    await this.providers.reportPlacement({ providerId, phoneNumberId, result, ...inUse });
  }

  private async accept(attempt: LockedAttempt, { relation, progress }: Advance, providerCallId: string): Promise<void> {
    if (relation === 'over') return;
    if (relation === 'known') return this.attempts.changeAttempt(attempt.id, { progress }, true);
    if (relation === 'book') {
      if (attempt.providerCallId === null) this.warnOfSecondCall(attempt, providerCallId);
      await this.attempts.changeAttempt(attempt.id, { progress, providerCallId }, true);
    } else {
      await this.attempts.changeAttempt(
        attempt.id,
        { state: 'placed', progress, providerCallId, isSettled: false },
        true,
      );
      const { callQueueId, providerId } = attempt;
      await this.attempts.changeCall(callQueueId, { status: 'in-progress', providerId, providerCallId, failure: null });
    }
    await this.events.publish(new CallPlaced(attempt, providerCallId, attempt.call.isCancelRequested));
  }

  private warnOfSecondCall({ id }: LockedAttempt, providerCallId: string): void {
    this.logger.error(
      `Attempt ${id} was given up, but the vendor placed it as ${providerCallId} and its call went on without it: the recipient may have been called twice`,
    );
  }

  private async end(attempt: LockedAttempt, { relation }: Advance, end: AttemptEnd): Promise<void> {
    const { outcome, callStatus, usage } = end;
    if (relation === 'book') await this.closeAttempt(attempt.id, end);
    else await this.close(attempt, end);
    await this.events.publish(new CallEnded(attempt.id, outcome, usage));
    if (callStatus === 'queued')
      this.logger.warn(
        `Attempt ${attempt.id} was accepted and ended before it rang (${outcome}); its call is back in the queue`,
      );
  }

  private async close(attempt: LockedAttempt, end: AttemptEnd): Promise<void> {
    const { outcome, callStatus } = end;
    await this.closeAttempt(attempt.id, end);
    const failure =
      callStatus === 'failed' ? { code: outcome, detail: `The call ended: ${outcome.replaceAll('_', ' ')}.` } : null;
    await this.attempts.changeCall(attempt.callQueueId, { status: callStatus, failure });
  }

  private closeAttempt(attemptId: string, { outcome, usage }: AttemptEnd): Promise<void> {
    const isSettled = usage.kind !== 'later';
    return this.attempts.changeAttempt(attemptId, { state: 'ended', progress: 'ended', outcome, isSettled });
  }

  private async measure(attemptId: string, minutes: number): Promise<void> {
    await this.attempts.changeAttempt(attemptId, { isSettled: true });
    await this.events.publish(new CallMeasured(attemptId, minutes));
  }

  private async correct(attemptId: string, outcome: Outcome): Promise<void> {
    await this.attempts.changeAttempt(attemptId, { outcome });
    await this.events.publish(new CallOutcomeCorrected(attemptId, outcome));
  }
}
