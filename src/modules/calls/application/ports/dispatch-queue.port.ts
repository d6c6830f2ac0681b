import type { AssignableCall } from '../../domain/assign-calls';
import type { Failure } from '../../domain/failure';
import type { TemplateParams } from '../../domain/template-params';

/** A due call, locked for the claim that reads it. */
export interface DueCall extends Omit<AssignableCall, 'country'> {
  /** Null once the user is erased. */
  readonly userId: string | null;
  /** Whether the user may have calls placed. */
  readonly isUserActive: boolean;
  readonly customVariables: Readonly<Record<string, unknown>>;
  /** Null once the template is gone. */
  readonly template: {
    readonly params: TemplateParams;
    readonly paramsOrder: readonly string[];
    readonly maxDurationSeconds: number | null;
  } | null;
  /** Whether some provider has an assistant for it, even if neither can take the call now. */
  readonly isServable: boolean;
}

/** A provider that can take calls, and the countries that its numbers may call (ISO 3166-1 alpha-2); null = all. */
export interface UsableProvider {
  readonly id: string;
  readonly destinations: readonly string[] | null;
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
   * Open attempts per provider, and whether the queue is paused or its database marked as restored, as of now. Exact
   * only while the providers are locked, and only when it is asked for after the locks were.
   */
  abstract load(): Promise<{ readonly openAttempts: ReadonlyMap<string, number>; readonly isPaused: boolean }>;

  /**
   * Locks at most `limit` due calls, first in, first out by due time and arrival, that one of the usable providers can
   * take or that nobody ever can. Calls that another claim holds are passed over. The database cannot read a number's
   * country: until it is noted, any of a provider's numbers may do.
   */
  abstract lockDue(limit: number, usable: readonly UsableProvider[]): Promise<readonly DueCall[]>;

  /**
   * Notes the countries of locked calls that no number of a usable provider may call, so that the next claim passes
   * over them instead of stopping at them again.
   */
  abstract noteCountries(calls: readonly { readonly callId: string; readonly country: string }[]): Promise<void>;

  /** Opens attempts (`placing`) and sets their calls `in-progress`. Nothing has been sent yet. */
  abstract start(attempts: readonly NewAttempt[], claimedBy: string): Promise<void>;

  /** Ends locked calls that cannot be placed. */
  abstract fail(failures: readonly { readonly callId: string; readonly failure: Failure }[]): Promise<void>;
}
