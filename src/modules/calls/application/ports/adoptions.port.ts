import type { PlacedCall } from '../../../providers/public/call-provider.port';
import type { AdoptableCall, AdoptedState } from '../../domain/plan-adoption';
import type { LiveCall } from './live-calls.port';

/** Our number and our assistant. */
export interface AttemptParties {
  readonly phoneNumberId: string;
  readonly assistantId: string;
}

export interface AdoptedAttempt extends AttemptParties {
  readonly id: string;
  readonly callQueueId: string;
  readonly providerId: string;
  readonly state: AdoptedState;
  readonly reservedMinutes: number;
  /** By the vendor's clock; undefined where it is not told. */
  readonly createdAt: Date | undefined;
}

/** Attempts that a restored database has lost, and that a vendor still knows. */
export abstract class Adoptions {
  /** Whether the call is queued. Takes no lock. */
  abstract isQueued(callId: string): Promise<boolean>;

  /** The accepted attempt of the call that is open here. */
  abstract openPlaced(callId: string): Promise<LiveCall | undefined>;

  /**
   * The provider that has placed a call which this one lists, since two may be one account: the one that the call names,
   * or else this one, unless only another one of the same vendor has the number that called.
   */
  abstract placedBy(providerId: string, placed: PlacedCall): Promise<string>;

  /**
   * Keeps the mark as it is for the unit of work, and whoever is about to leave one waiting. Comes before the call's
   * lock.
   * @returns whether the database is marked as restored and its comparison goes on
   */
  abstract holdMark(providerId: string): Promise<boolean>;

  /** Locks the call for the unit of work; undefined for one that the database does not know. */
  abstract lockCall(callId: string, attemptId: string): Promise<AdoptableCall | undefined>;

  /**
   * The number and the assistant that the vendor names. In the place of one that the database has lost stands another
   * one of the provider; undefined when it has none.
   */
  abstract parties(providerId: string, placed: PlacedCall): Promise<AttemptParties | undefined>;

  /**
   * Closes an attempt of which a later one proves that it came to nothing.
   * @returns its provider's id
   */
  abstract giveUp(attemptId: string): Promise<string>;

  /** Writes an attempt, and sets its call in progress if the attempt is open. */
  abstract add(attempt: AdoptedAttempt): Promise<void>;

  /**
   * Ends a call that took place, but of which nothing else can be written down.
   * @returns the code of its failure; undefined when it had ended already
   */
  abstract close(callId: string): Promise<string | undefined>;
}
