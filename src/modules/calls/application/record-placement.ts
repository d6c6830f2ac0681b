import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { Gathering } from '../../../shared/kernel/gathering';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { PlaceResult } from '../../providers/public/call-provider.port';
import { afterRefusal } from '../domain/after-refusal';
import { CallPlaced } from '../public/call-placed.event';
import { CallRefused } from '../public/call-refused.event';
import { QueuedCallLetGo } from '../public/queued-call-let-go.event';
import { GROUPS } from './groups';
import { type AttemptChange, Attempts, type CallChange, type LockedAttempt } from './ports/attempts.port';
import type { PreparedAttempt } from './prepare-attempts';
import { ReportHealth } from './report-health';

interface Placement {
  readonly attempt: PreparedAttempt;
  readonly result: PlaceResult;
}

/** What a placement's result changes. */
interface Changes {
  readonly attempt?: AttemptChange;
  readonly call?: CallChange;
  readonly events: readonly object[];
}

const NOTHING: Changes = { events: [] };

/**
 * Records vendors' answers to placements, in one transaction for all that come at about the same time. A webhook or the
 * resolver may have been faster: what they proved stands.
 */
@Injectable()
export class RecordPlacement {
  private readonly logger = new Logger(RecordPlacement.name);
  private readonly placements = new Gathering<Placement, void>(
    (placements) => this.unitOfWork.apart(() => this.record(placements), GROUPS.patienceMs),
    async (placement) => {
      await this.unitOfWork.apart(() => this.record([placement]));
    },
    GROUPS.most,
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly health: ReportHealth,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
  ) {}

  execute(attempt: PreparedAttempt, result: PlaceResult): Promise<void> {
    return this.placements.add({ attempt, result });
  }

  private async record(placements: readonly Placement[]): Promise<undefined[]> {
    await this.health.execute(
      placements.map(({ attempt, result }) => ({
        providerId: attempt.providerId,
        phoneNumberId: attempt.phoneNumber.id,
        result,
      })),
    );
    const locked = await this.attempts.lockAll(placements.map(({ attempt }) => attempt.id));
    const changes = placements.map(({ attempt: { id }, result }) => {
      const attempt = locked.get(id);
      if (!attempt) throw new Error(`Attempt ${id} is not in the database: was it restored from a backup?`);
      return this.changesOf(attempt, result);
    });
    await this.attempts.changeAttempts(changes.flatMap(({ attempt }) => attempt ?? []));
    await this.attempts.changeCalls(changes.flatMap(({ call }) => call ?? []));
    await this.events.publish(
      ...[...locked.values()].filter(isLetGo).map(({ callQueueId }) => new QueuedCallLetGo(callQueueId)),
      ...changes.flatMap(({ events }) => events),
    );
    return placements.map(() => undefined);
  }

  private changesOf(attempt: LockedAttempt, result: PlaceResult): Changes {
    const isWaiting = attempt.state === 'placing' || attempt.state === 'unknown';
    if (!isWaiting) return this.compare(attempt, result);
    if (result.kind === 'accepted') return accepted(attempt, result.providerCallId);
    if (result.kind === 'refused') return refused(attempt, result);
    return { attempt: { id: attempt.id, state: 'unknown' }, events: [] };
  }

  private compare(attempt: LockedAttempt, result: PlaceResult): Changes {
    if (result.kind === 'unknown' || isRecorded(attempt, result)) return NOTHING;
    const answer = result.kind === 'accepted' ? `accepted as ${result.providerCallId}` : `refused (${result.refusal})`;
    this.logger.error(
      `Attempt ${attempt.id} was ${answer}, but stands as ${attempt.state} with the vendor's call ` +
        `${attempt.providerCallId ?? 'none'}: look for a second call at the vendor`,
    );
    return NOTHING;
  }
}

function isLetGo({ call }: LockedAttempt): boolean {
  return call.status === 'queued';
}

function accepted(attempt: LockedAttempt, providerCallId: string): Changes {
  const { id, callQueueId, call } = attempt;
  return {
    attempt: { id, state: 'placed', progress: 'queued', providerCallId, isAccepted: true, isNews: true },
    call: { id: callQueueId, status: 'in-progress', providerCallId },
    events: [new CallPlaced(attempt, providerCallId, call.isCancelRequested)],
  };
}

/** The reservation goes back, and the call returns to its place in the queue or fails, as the refusal's class asks. */
function refused(attempt: LockedAttempt, { refusal, detail }: Extract<PlaceResult, { kind: 'refused' }>): Changes {
  const { id, callQueueId, call } = attempt;
  return {
    attempt: { id, state: 'refused', refusal, refusalDetail: detail, isSettled: true },
    call: { id: callQueueId, ...afterRefusal(refusal, call) },
    events: [new CallRefused(id, refusal)],
  };
}

/** Whether the attempt stands as the answer says: an earlier try has committed, or a webhook has told the same. */
function isRecorded({ state, providerCallId }: LockedAttempt, result: PlaceResult): boolean {
  if (result.kind === 'accepted') return providerCallId === result.providerCallId;
  return result.kind === 'refused' && state === 'refused' && providerCallId === null;
}
