/** What operators watch of the queue, by the database's clock. Spans of time in seconds, 0 where there is nothing. */
export interface QueueState {
  readonly isPaused: boolean;
  /** Whether the database is marked as restored from a backup, which holds every claim. */
  readonly isRestored: boolean;
  /** Exact up to 100,000; more are what the database estimated last. */
  readonly queued: number;
  /** Queued calls whose time has come, up to 100,000. */
  readonly due: number;
  readonly oldestDueSeconds: number;
  readonly inProgress: number;
  /** Attempts whose reservation is neither settled nor released, and the minutes they hold. */
  readonly openReservations: number;
  readonly reservedMinutes: number;
}

/** Attempts of one provider that hold a slot. */
export interface OpenAttempts {
  readonly providerId: string;
  readonly open: number;
  /** Of them, placements that may or may not have happened. */
  readonly unknown: number;
  readonly oldestUnknownSeconds: number;
  /** How long ago, of the others, the one that overstays most should have ended by the minutes that it reserved. */
  readonly overdueSeconds: number;
}

/** The queue in numbers for monitoring: every one from an index, and none costs more the longer the queue is. */
export abstract class QueueWatch {
  abstract state(): Promise<QueueState>;

  /** Providers without an open attempt are absent. */
  abstract openAttempts(): Promise<readonly OpenAttempts[]>;
}
