import type { AssignableCall } from '../../domain/assign-calls';
import type { Failure } from '../../domain/failure';
import type { TemplateParams } from '../../domain/template-params';

/** A due call, locked for the claim that reads it. */
export interface DueCall extends AssignableCall {
  /** Null once the user is erased. */
  readonly userId: string | null;
  readonly recipientNumber: string;
  readonly customVariables: Readonly<Record<string, unknown>>;
  /** Null once the template is gone. */
  readonly template: {
    readonly params: TemplateParams;
    readonly paramsOrder: readonly string[];
    readonly maxDurationSeconds: number | null;
  } | null;
  /** Whether some active provider has an assistant for it, even if it can't take the call now. */
  readonly isServable: boolean;
}

export interface NewAttempt {
  readonly id: string;
  readonly callQueueId: string;
  readonly providerId: string;
  readonly phoneNumberId: string;
  readonly assistantId: string;
  readonly reservedMinutes: number;
}

/** When there will be something to claim, in milliseconds from the database's now. */
export interface QueueOutlook {
  readonly hasDue: boolean;
  readonly nextDueInMs: number | null;
}

/** The queue as the dispatcher works on it. */
export abstract class DispatchQueue {
  /** Looks, without any lock, whether a claim is worth it. A paused queue has nothing due. */
  abstract outlook(): Promise<QueueOutlook>;

  /**
   * Open attempts per provider, and whether an administrator has paused the queue, as of now. Exact only while the
   * providers are locked, and only in a statement that starts after they were.
   */
  abstract load(): Promise<{ readonly openAttempts: ReadonlyMap<string, number>; readonly isPaused: boolean }>;

  /**
   * Locks at most `limit` due calls, first in, first out by due time and arrival, that one of `usableProviderIds` can
   * take or that nobody ever can. Calls that another claim holds are passed over.
   */
  abstract lockDue(limit: number, usableProviderIds: readonly string[]): Promise<readonly DueCall[]>;

  /** Opens attempts (`placing`) and sets their calls `in-progress`. Nothing has been sent yet. */
  abstract start(attempts: readonly NewAttempt[], claimedBy: string): Promise<void>;

  /** Ends locked calls that cannot be placed. */
  abstract fail(failures: readonly { readonly callId: string; readonly failure: Failure }[]): Promise<void>;
}
