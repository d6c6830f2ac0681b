/** The queue in numbers, by the database's clock. */
export interface QueueNumbers {
  readonly paused: boolean;
  readonly queued: number;
  /** Queued calls whose time has come. */
  readonly due: number;
  /** How long the oldest of them has been due; null when none is. */
  readonly oldestDueSeconds: number | null;
  readonly inProgress: number;
  readonly unknownPlacements: number;
}

/** What administrators see of the queue, and the switch that stops dispatchers from claiming. */
export abstract class QueueControl {
  abstract numbers(): Promise<QueueNumbers>;

  /** Open attempts per provider; providers without any are absent. */
  abstract openAttempts(): Promise<ReadonlyMap<string, number>>;

  /** Stops claiming everywhere; calls under way finish. */
  abstract pause(): Promise<void>;

  /** Lets dispatchers claim again, and wakes them once the surrounding unit of work has committed. */
  abstract resume(): Promise<void>;
}
