/** Whether anything may be dialled, for whoever is about to send a placement. */
export abstract class DialControl {
  /** Whether the queue is paused, stopped, or marked as restored, as of a moment during the question. */
  abstract isStopped(): Promise<boolean>;
}
