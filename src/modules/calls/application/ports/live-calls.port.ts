import type { PlacedCallQuery } from '../../../providers/public/call-provider.port';

export interface OpenAttempt {
  readonly attemptId: string;
  readonly callQueueId: string;
  readonly providerId: string;
}

export interface LiveCall extends OpenAttempt {
  readonly providerCallId: string;
}

/** An accepted call about which the vendor has said nothing for a while. */
export interface SilentCall extends LiveCall {
  /** Whether its end is known, and only its connected time is not. */
  readonly isOver: boolean;
}

/** A placement that may or may not have happened, and what to look for at its vendor. */
export interface UnknownPlacement extends OpenAttempt {
  readonly query: PlacedCallQuery;
}

export interface UnmeasuredCall extends OpenAttempt {
  readonly atMostSeconds: number;
}

/**
 * Attempts that want looking after. Each `take…` marks what it returns as asked about, by the database's clock and
 * in one statement that passes over rows which another instance is taking, so that one instance asks at a time.
 */
export abstract class LiveCalls {
  /** The call's accepted, open attempt if somebody wants it ended; notes that the vendor is being asked. */
  abstract toHangUp(callQueueId: string): Promise<LiveCall | undefined>;

  /**
   * Live calls that somebody wants ended, their user or an emergency stop, and whose vendor was not asked within
   * `againAfterMs`; those that it was never asked about come first.
   */
  abstract takeHangUps(againAfterMs: number, limit: number): Promise<readonly LiveCall[]>;

  /** Turns `placing` attempts older than `olderThanMs` into `unknown`: whoever was placing them has died. */
  abstract orphanPlacing(olderThanMs: number): Promise<readonly OpenAttempt[]>;

  /** Unknown attempts that were not asked about within `againAfterMs`. */
  abstract takeUnknown(againAfterMs: number, limit: number): Promise<readonly UnknownPlacement[]>;

  /** Notes that a vendor definitely answered that it does not know the attempt. */
  abstract noteNotFound(attemptId: string): Promise<void>;

  /**
   * Unknown attempts to give up: looked for since `olderThanMs` and not found at least `lookups` times, or looked for
   * since `hopelessAfterMs` however often the vendor could be asked. Time in which no instance was there to look does
   * not count.
   */
  abstract unprovenSince(
    olderThanMs: number,
    lookups: number,
    hopelessAfterMs: number,
  ): Promise<readonly OpenAttempt[]>;

  /**
   * Accepted attempts of which nothing was heard, nor asked, for `silentMs`: open ones, and ended ones whose
   * connected time is still missing.
   */
  abstract takeSilent(silentMs: number, limit: number): Promise<readonly SilentCall[]>;

  /**
   * Accepted attempts whose end nobody has told for `graceMs` after the longest time that they may have lasted: the
   * vendor had to end them by then.
   */
  abstract overstayed(graceMs: number): Promise<readonly LiveCall[]>;

  /**
   * Ended attempts whose connected time is missing for `olderThanMs`, with the time from claim to end as the most
   * it can have been, in seconds.
   */
  abstract unmeasuredSince(olderThanMs: number): Promise<readonly UnmeasuredCall[]>;
}
