import type { CallProgress, Refusal } from '../../../providers/public/call-provider.port';
import type { Outcome } from '../../../providers/public/outcome';
import type { AttemptStanding } from '../../domain/advance-attempt';
import type { AttemptState } from '../../domain/attempt';
import type { CallStatus } from '../../domain/call-status';
import type { Failure } from '../../domain/failure';

/** An attempt and its call, locked for the unit of work that reads it. */
export interface LockedAttempt extends AttemptStanding {
  readonly id: string;
  readonly callQueueId: string;
  readonly userId: string | null;
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly assistantId: string;
  readonly recipientNumber: string;
  readonly reservedMinutes: number;
}

/**
 * What changes about an attempt; what is absent stays. The database's clock sets `endedAt` as the state asks,
 * `placedAt` once the vendor has accepted it, and notes when the vendor was heard.
 */
export interface AttemptChange {
  readonly id: string;
  readonly state?: AttemptState;
  readonly progress?: CallProgress;
  readonly providerCallId?: string;
  readonly refusal?: Refusal;
  readonly refusalDetail?: string;
  readonly outcome?: Outcome;
  readonly isSettled?: boolean;
  readonly isAccepted?: true;
  readonly isNews?: true;
}

/**
 * What changes about a call; what is absent stays. A terminal status sets its end, `queued` puts it back to its place,
 * where it has neither provider nor vendor's id.
 */
export interface CallChange {
  readonly id: string;
  readonly status: CallStatus;
  readonly providerId?: string;
  readonly providerCallId?: string;
  readonly failure?: Failure | null;
}

/** How to recognise the attempt that a vendor speaks of. */
export interface AttemptReference {
  readonly providerId: string;
  readonly providerCallId: string;
  readonly attemptId: string | undefined;
}

/** Attempts and their calls. Every change happens under the lock of the call's row. Of one call or attempt no two changes are made at once. */
export abstract class Attempts {
  /**
   * The attempts that the vendors' call ids belong to, or else those whose ids the vendor gave back, if they were made
   * at this provider; undefined where there is none. In the order of the references. Takes no lock.
   */
  abstract find(references: readonly AttemptReference[]): Promise<readonly (string | undefined)[]>;

  /** Reads an attempt and its call without any lock: good for a guess, not for a change. */
  abstract read(attemptId: string): Promise<LockedAttempt | undefined>;

  /** How many attempts hold a slot of the provider. Takes no lock. */
  abstract countOpen(providerId: string): Promise<number>;

  /**
   * The attempts that an instance has claimed and whose placement has no result yet. Waits for claims that are still
   * under way, as one is whose commit takes longer than its instance was willing to wait, and keeps new ones away until
   * the surrounding unit of work ends.
   */
  abstract placingOf(claimedBy: string): Promise<readonly string[]>;

  /** Locks the attempt's call and reads both as of after the lock. */
  abstract lock(attemptId: string): Promise<LockedAttempt | undefined>;

  /** Locks the attempts' calls in the order of their ids, and reads all as of after the locks. By attempt's id. */
  abstract lockAll(attemptIds: readonly string[]): Promise<ReadonlyMap<string, LockedAttempt>>;

  /** Changes attempts and calls, in one statement. */
  abstract change(attempts: readonly AttemptChange[], calls: readonly CallChange[]): Promise<void>;
}
