/** One attempt's wish to use up to `minutes` whole minutes (at least 1) of its user's current period. */
export interface ReservationRequest {
  readonly attemptId: string;
  readonly callQueueId: string;
  readonly userId: string;
  readonly minutes: number;
}

/** `minutes` is what was granted: the wish, or what was left if that is less, never 0. */
export type Reservation =
  | { readonly attemptId: string; readonly granted: true; readonly minutes: number }
  | { readonly attemptId: string; readonly granted: false };

/** What an attempt has used: one call and `minutes` whole minutes (0 or more). */
export interface Charge {
  readonly attemptId: string;
  readonly minutes: number;
}

/**
 * How a settlement ended. `chargedMinutes` is what this very call of the method charged: 0 when it was not the first.
 * `overrunMinutes` is what was used beyond what could be charged; nobody pays for it.
 */
export interface Settlement {
  readonly isFirst: boolean;
  readonly chargedMinutes: number;
  readonly overrunMinutes: number;
}

/** Without a live subscription: nothing at all, and no period. */
export interface CallsLeft {
  /** What remains for the current period: null when unlimited, 0 without a minute left. */
  readonly calls: number | null;
  readonly periodEnd: Date | null;
  /** How many calls may wait at a time, whenever they are due; null when unlimited. */
  readonly queuedLimit: number | null;
}

/**
 * The allowance of every user: append-only lines, and totals per period that always equal their sum.
 * Every method runs in the surrounding unit of work, with the service's rights, and holds the lock of each period that
 * it changes until that unit of work ends. One call of a method takes them in the order of users, then of time, and
 * costs the same few statements for any number of attempts. A unit of work that is going to make several calls for
 * different attempts takes all the locks first (`lock`).
 */
export abstract class UsageLedger {
  /**
   * Reserves one call and its minutes for each request, in the given order per user, from the period that contains
   * the database's now. Each reservation is atomic: used + reserved never exceeds the period's limits, however many
   * instances reserve at once. Not granted: no live subscription, or no call or no minute left.
   * The answers come in the order of the requests. The attempts themselves may be written later in the unit of work.
   * Rejects when an attempt has reserved before.
   */
  abstract reserve(requests: readonly ReservationRequest[]): Promise<readonly Reservation[]>;

  /** Locks the periods that reserved for the attempts. */
  abstract lock(attemptIds: readonly string[]): Promise<void>;

  /**
   * Turns each attempt's reservation into usage: one call and its minutes, at most what was reserved, in the period
   * that reserved it. Repeating it, or settling what was released or never reserved, changes nothing (`isFirst` false).
   * Of a settlement and a release at the same time exactly one wins. The answers come in the order of the charges.
   */
  abstract settle(charges: readonly Charge[]): Promise<readonly Settlement[]>;

  /** Gives the attempts' reservations back. Repeating it, or releasing what was settled, changes nothing. */
  abstract release(attemptIds: readonly string[]): Promise<void>;

  /**
   * Charges attempts whose reservations were already released when proof came that their calls took place: one call and
   * its minutes, at most what the attempt had reserved, or what is left of that in the period that had reserved it.
   * Repeating it, or charging what is still reserved or was settled, changes nothing. The answers come in the order of
   * the charges.
   */
  abstract chargeLate(charges: readonly Charge[]): Promise<readonly Settlement[]>;

  /**
   * How many more calls the user may queue. A hint for refusing early; only `reserve` decides. Reads only, so it works
   * with the user's own rights too.
   */
  abstract callsLeft(userId: string): Promise<CallsLeft>;
}
