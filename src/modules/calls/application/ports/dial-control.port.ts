/** How dialling stands, as of a moment during the question. */
export interface DialStanding {
  /** Whether the queue is paused, stopped, or marked as restored. */
  readonly isStopped: boolean;
  /**
   * How long ago the queue went on after the last stop that hangs up, in milliseconds; null when there was none. What was
   * opened before that is hung up, whenever it becomes known.
   */
  readonly resumedAgoMs: number | null;
}

/** Whether anything may be dialled, for whoever is about to send a placement. */
export abstract class DialControl {
  abstract look(): Promise<DialStanding>;
}
