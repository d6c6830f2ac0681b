/** Events of the payment side that are not worked off. */
export interface EventBacklog {
  readonly waiting: number;
  /** Of them, those that have failed at least once. */
  readonly failed: number;
  /** Since the oldest of them came in; 0 without one. */
  readonly oldestSeconds: number;
}

/** What operators watch of billing. */
export abstract class BillingWatch {
  abstract backlog(): Promise<EventBacklog>;

  /**
   * Current periods in which something was reserved although nothing was left: must be 0. A limit that was lowered below
   * what is used already does not count.
   */
  abstract oversoldPeriods(): Promise<number>;
}
