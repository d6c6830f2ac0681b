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

/** What changes about an attempt. `placedAt` and `endedAt` are set by the database's clock as the state asks. */
export interface AttemptChange {
  readonly state?: AttemptState;
  readonly progress?: CallProgress;
  readonly providerCallId?: string;
  readonly refusal?: Refusal;
  readonly refusalDetail?: string;
  readonly outcome?: Outcome;
  readonly isSettled?: boolean;
}

/** What changes about a call. A terminal status sets its end, `queued` puts it back to its place. */
export interface CallChange {
  readonly status: CallStatus;
  readonly providerId?: string;
  readonly providerCallId?: string | null;
  readonly failure?: Failure | null;
}

/** How to recognise the attempt that a vendor speaks of. */
export interface AttemptReference {
  readonly providerId: string;
  readonly providerCallId: string;
  readonly attemptId: string | undefined;
}

/** Attempts and their calls. Every change happens under the lock of the call's row. */
export abstract class Attempts {
  /**
   * The attempt that the vendor's call id belongs to, or else the one whose id the vendor gave back, if that attempt
   * was made at this provider. Takes no lock.
   */
  abstract find(reference: AttemptReference): Promise<string | undefined>;

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

  /** Changes an attempt; `isNews` notes that the vendor has just been heard. */
  abstract changeAttempt(attemptId: string, change: AttemptChange, isNews?: boolean): Promise<void>;

  /** Changes a call. */
  abstract changeCall(callQueueId: string, change: CallChange): Promise<void>;
}
