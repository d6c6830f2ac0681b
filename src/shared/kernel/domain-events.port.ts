/** A fact that has happened. Past tense, immutable, one class per event. */
export type EventType<E extends object> = abstract new (...values: never[]) => E;

/**
 * Tells interested parts of the service about facts, inside the transaction that makes them true: `publish` awaits
 * every subscriber in the order of subscription, and a subscriber that rejects rolls the whole change back.
 */
export abstract class DomainEvents {
  /** @param handle hears of all events of the type that are published together, in their order; never of none */
  abstract subscribe<E extends object>(type: EventType<E>, handle: (events: readonly E[]) => Promise<void>): void;

  /** Publishes events together: type by type, in the order in which the types first occur. */
  abstract publish(...events: readonly object[]): Promise<void>;
}
