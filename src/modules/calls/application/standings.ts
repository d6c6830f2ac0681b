import type { AttemptChanges } from './attempt-changes';
import type { LockedAttempt } from './ports/attempts.port';

/**
 * How attempts stand while several pieces of news about them are decided: as they were read under their calls' locks, and
 * then as each decision leaves them. What a decision changes beyond the attempt itself is read again first.
 */
export class Standings {
  private readonly current: Map<string, LockedAttempt>;

  constructor(private readonly read: ReadonlyMap<string, LockedAttempt>) {
    this.current = new Map(read);
  }

  /** As they were read. */
  get locked(): readonly LockedAttempt[] {
    return [...this.read.values()];
  }

  /** Undefined for an attempt that the database does not know. */
  of(attemptId: string): LockedAttempt | undefined {
    return this.current.get(attemptId);
  }

  /** Whether a decision has changed more about the attempt than is known here. */
  isOutdated(attemptId: string): boolean {
    return this.read.has(attemptId) && !this.current.has(attemptId);
  }

  note(attempt: LockedAttempt, changes: AttemptChanges): void {
    if (!changes.attempt && !changes.call) return;
    const next = standingAfter(attempt, changes);
    if (next) this.current.set(attempt.id, next);
    else this.current.delete(attempt.id);
    // Other attempts of the call are judged by its state, and by whether this one is open.
    for (const { id, callQueueId } of this.read.values())
      if (callQueueId === attempt.callQueueId && id !== attempt.id) this.current.delete(id);
  }
}

/** Undefined where more is to be read first: how often its call was refused. */
function standingAfter(attempt: LockedAttempt, { attempt: change, call }: AttemptChanges): LockedAttempt | undefined {
  if (change?.state === 'refused' || call?.status === 'queued') return undefined;
  if (!call) return { ...attempt, ...change };
  const failureCode = call.failure === undefined ? attempt.call.failureCode : (call.failure?.code ?? null);
  return { ...attempt, ...change, call: { ...attempt.call, status: call.status, failureCode } };
}
