import type { NotedChange } from '../../domain/noted-change';
import type { Moment } from './customers.port';

/** That a change of a user's paid subscription is somebody's, for now. */
export interface HeldChange {
  readonly userId: string;
  readonly holder: string;
}

/** What is written down about a user's changes, as of a moment. */
export interface ChangeRecord {
  /** What was begun and may not have come to its end. */
  readonly noted: NotedChange | null;
  /** Whether nobody was at it any more at that moment. */
  readonly isLeft: boolean;
  /** Whether nothing that was sent for it can still be on its way. */
  readonly isOld: boolean;
}

/**
 * Changes of paid subscriptions: one per user at a time, on whichever instance, and a note about each from before
 * anything is sent until it has come to its end. By the database's clock. Each method is one statement, and needs no
 * surrounding unit of work: nobody holds a transaction while the payment side is asked. Whoever dies leaves the change
 * to the next when its time has run out, which is longer than all requests of one may take.
 */
export abstract class NotedChanges {
  /**
   * Takes a user's changes; what was noted stays noted.
   * @returns undefined while they are somebody else's
   * @throws SubscriberNotFound
   */
  abstract hold(userId: string): Promise<HeldChange | undefined>;

  /** Takes what was left before the moment, to finish it. @returns undefined when somebody else has been at it since */
  abstract holdLeft(userId: string, before: Moment): Promise<HeldChange | undefined>;

  /** Notes what is about to be sent, in place of an earlier note. @returns false when it is somebody else's by now */
  abstract note(held: HeldChange, change: NotedChange): Promise<boolean>;

  /** Forgets what was noted; with a kind, only a change of this kind. */
  abstract forget(held: HeldChange, kind?: NotedChange['kind']): Promise<void>;

  /** Lets go of it. What is noted stays. */
  abstract release(held: HeldChange): Promise<void>;

  abstract find(userId: string, at: Moment): Promise<ChangeRecord | undefined>;
}
