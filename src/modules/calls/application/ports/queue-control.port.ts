import type { PendingComparison } from '../../domain/calls.errors';
import type { WaitingGroup } from '../../domain/explain-waiting';

/** The queue in numbers, by the database's clock. */
export interface QueueNumbers {
  readonly paused: boolean;
  /** Whether the database is marked as restored from a backup, which pauses as well. */
  readonly isRestored: boolean;
  readonly queued: number;
  /** Queued calls whose time has come. */
  readonly due: number;
  /** How long the oldest of them has been due; null when none is. */
  readonly oldestDueSeconds: number | null;
  readonly inProgress: number;
  readonly unknownPlacements: number;
}

/** What an emergency stop has met. */
export interface Stopping {
  readonly wasPaused: boolean;
  /** Open attempts that this stop or an earlier one has ordered to be hung up: live, about to be, or maybe. */
  readonly hangingUp: number;
}

/** What administrators see of the queue, and the switch that stops dispatchers from claiming. */
export abstract class QueueControl {
  abstract numbers(): Promise<QueueNumbers>;

  /**
   * Due calls in groups that wait for the same, the largest groups first. Bounded, so that a long queue costs no more
   * than a look: of the oldest 100,000 due calls, the 1,000 largest groups.
   */
  abstract waitingGroups(): Promise<readonly WaitingGroup[]>;

  /** Open attempts per provider; providers without any are absent. */
  abstract openAttempts(): Promise<ReadonlyMap<string, number>>;

  /**
   * Stops claiming everywhere, and what is claimed and not yet sent is put back; calls under way finish. Tells whether
   * claiming had been stopped before.
   */
  abstract pause(): Promise<boolean>;

  /**
   * Pauses, and with `hangUp` orders every open attempt to be hung up, those that are known only later included, and
   * those of claims that are about to commit. The order holds for whatever is opened until the queue is resumed.
   */
  abstract stop(hangUp: boolean): Promise<Stopping>;

  /**
   * Providers that a restored database is still to be compared with; empty where it is not marked as restored. The mark
   * stays as it is until the unit of work ends.
   */
  abstract pendingComparisons(): Promise<readonly PendingComparison[]>;

  /**
   * Lets dispatchers claim again, takes the mark of a restored database away, and wakes them once the surrounding unit
   * of work has committed. Attempts that are opened from then on are not hung up. Tells whether claiming had been stopped
   * before.
   */
  abstract resume(): Promise<boolean>;
}
