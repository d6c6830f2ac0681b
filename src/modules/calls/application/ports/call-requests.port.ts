import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import type { CallStatus } from '../../domain/call-status';
import type { Call, CallAttempt, NewCall } from '../../domain/call';

/** Undefined = any. */
export interface CallFilter {
  readonly userId?: string | undefined;
  readonly status?: CallStatus | undefined;
}

export interface QueuedCalls {
  readonly count: number;
  readonly lastDueAt: Date | null;
}

/** The queue as its users see it: what they asked for, and what became of it. Joins the surrounding unit of work. */
export abstract class CallRequests {
  /**
   * Queues one call with the user's own rights, whatever those of the surrounding unit of work are: these have to be
   * the service's.
   * @throws QueuedCallsLimitReached
   */
  abstract add(claims: UserClaims, templateId: string, call: NewCall): Promise<Call>;

  /**
   * Queues several calls like `add`, in the given order, all or none. Answers their ids in the same order.
   * @throws QueuedCallsLimitReached
   */
  abstract addAll(claims: UserClaims, templateId: string, calls: readonly NewCall[]): Promise<readonly string[]>;

  /** Allows only one provider for a call, which has just been added. A right of the service, not of users. */
  abstract pin(callQueueId: string, providerId: string): Promise<Call>;

  /** How many of the user's calls wait, and when the last of them is due (null when none waits). */
  abstract queuedOf(userId: string): Promise<QueuedCalls>;

  /** How many of the user's calls wait and are due before the time. */
  abstract countDueBefore(userId: string, time: Date): Promise<number>;

  abstract find(userId: string, callQueueId: string): Promise<Call | undefined>;

  /** The call's attempts, the first one first. */
  abstract attemptsOf(callQueueId: string): Promise<readonly CallAttempt[]>;

  /** Newest first. */
  abstract list(filter: CallFilter, page: PageRequest): Promise<Page<Call>>;

  /**
   * Locks the user's call for the surrounding unit of work and tells its status as of after the lock; undefined when
   * the user has no such call. A right of the service.
   */
  abstract lock(userId: string, callQueueId: string): Promise<CallStatus | undefined>;

  /** Ends a queued call that is locked. */
  abstract cancel(callQueueId: string): Promise<void>;

  /** Keeps the wish to end a call in progress that is locked. Repeating it keeps the first time. */
  abstract requestCancel(callQueueId: string): Promise<void>;
}
