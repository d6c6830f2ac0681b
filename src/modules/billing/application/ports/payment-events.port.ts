import type { Moment } from './customers.port';
import type { PaymentEvent } from './payment-gateway.port';

/** Events about one customer that one processor works off together. */
export interface ClaimedEvents {
  readonly ids: readonly string[];
  readonly customerId: string | null;
  readonly userId: string | null;
  /** The most that any of them was tried, this time included. */
  readonly attempts: number;
}

/** What the payment side sent, kept until it is worked off and for a while afterwards. */
export abstract class PaymentEvents {
  /**
   * Keeps an event, once, with texts that the database can store. One that is about nobody counts as processed at once.
   * @returns whether it is new
   */
  abstract store(event: PaymentEvent): Promise<boolean>;

  /**
   * Takes the event that has waited longest, together with what else waits about the same customer. Nobody else gets
   * them for `leaseMs` milliseconds; whoever dies meanwhile leaves them to the next.
   */
  abstract claim(leaseMs: number): Promise<ClaimedEvents | undefined>;

  /** Marks the events as processed, and every other one about the customer that had come in by `knownSince`. */
  abstract finish(events: ClaimedEvents, knownSince: Moment | null): Promise<void>;

  /** Leaves the events for another try in `delayMs` milliseconds. `reason` must hold no secret. */
  abstract postpone(events: ClaimedEvents, reason: string, delayMs: number): Promise<void>;

  /**
   * Deletes up to `limit` events that were processed at least `ageMs` milliseconds ago. What another instance deletes at
   * the same moment is left to it.
   * @returns how many
   */
  abstract forget(ageMs: number, limit: number): Promise<number>;
}
