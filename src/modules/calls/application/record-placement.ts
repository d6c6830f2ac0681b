import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import { type PlacementReport, ProviderPool } from '../../providers/public/provider-pool.port';
import { afterRefusal } from '../domain/after-refusal';
import { CallPlaced } from '../public/call-placed.event';
import { CallRefused } from '../public/call-refused.event';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import { Attempts, type LockedAttempt } from './ports/attempts.port';
import type { PreparedAttempt } from './prepare-attempts';

type Refused = Extract<PlaceResult, { kind: 'refused' }>;

/**
 * Records a vendor's answer to a placement, in one transaction. A webhook or the resolver may have been faster:
 * what they proved stands.
 */
@Injectable()
export class RecordPlacement {
  private readonly logger = new Logger(RecordPlacement.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly providers: ProviderPool,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
  ) {}

  execute({ id, providerId, phoneNumber }: PreparedAttempt, result: PlaceResult): Promise<void> {
    return this.unitOfWork.run(async () => {
      await this.report({ providerId, phoneNumberId: phoneNumber.id, result });
      const attempt = await this.attempts.lock(id);
      if (!attempt) throw new Error(`Attempt ${id} is not in the database: was it restored from a backup?`);
      if (attempt.call.status === 'queued') await this.events.publish(new QueuedCallLetGo(attempt.callQueueId));
      const isWaiting = attempt.state === 'placing' || attempt.state === 'unknown';
      if (!isWaiting) this.compare(attempt, result);
      else if (result.kind === 'accepted') await this.accept(attempt, result.providerCallId);
      else if (result.kind === 'refused') await this.refuse(attempt, result);
      else await this.attempts.changeAttempt(id, { state: 'unknown' });
    });
  }

  /** A concurrency refusal tells how many calls the vendor carries: what is open, without the refused one. */
  private async report(report: PlacementReport): Promise<void> {
    const { providerId, result } = report;
    const isFull = result.kind === 'refused' && result.refusal === 'concurrency';
    const inUse = isFull ? { inUse: await this.attempts.countOpen(providerId) } : {};
    await this.providers.reportPlacement({ ...report, ...inUse });
  }

  private async accept(attempt: LockedAttempt, providerCallId: string): Promise<void> {
    await this.attempts.changeAttempt(attempt.id, { state: 'placed', progress: 'queued', providerCallId }, true);
    await this.attempts.changeCall(attempt.callQueueId, { status: 'in-progress', providerCallId });
    await this.events.publish(new CallPlaced(attempt, providerCallId, attempt.call.isCancelRequested));
  }

  /** The reservation goes back, and the call returns to its place in the queue or fails, as the refusal's class asks. */
  private async refuse(attempt: LockedAttempt, { refusal, detail }: Refused): Promise<void> {
    const change = { state: 'refused', refusal, refusalDetail: detail, isSettled: true } as const;
    await this.attempts.changeAttempt(attempt.id, change);
    await this.attempts.changeCall(attempt.callQueueId, afterRefusal(refusal, attempt.call));
    await this.events.publish(new CallRefused(attempt.id, refusal));
  }

  private compare(attempt: LockedAttempt, result: PlaceResult): void {
    if (result.kind === 'unknown' || isRecorded(attempt, result)) return;
    const answer = result.kind === 'accepted' ? `accepted as ${result.providerCallId}` : `refused (${result.refusal})`;
    this.logger.error(
      `Attempt ${attempt.id} was ${answer}, but stands as ${attempt.state} with the vendor's call ` +
        `${attempt.providerCallId ?? 'none'}: look for a second call at the vendor`,
    );
  }
}

/** Whether the attempt stands as the answer says: an earlier try has committed, or a webhook has told the same. */
function isRecorded({ state, providerCallId }: LockedAttempt, result: PlaceResult): boolean {
  if (result.kind === 'accepted') return providerCallId === result.providerCallId;
  return result.kind === 'refused' && state === 'refused' && providerCallId === null;
}
