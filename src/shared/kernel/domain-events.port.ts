/** A fact that has happened. Past tense, immutable, one class per event. */
export type EventType<E extends object> = abstract new (...values: never[]) => E;

/**
 * Tells interested parts of the service about a fact, inside the transaction that makes it true: `publish` awaits
 * every subscriber in the order of subscription, and a subscriber that rejects rolls the whole change back.
 */
export abstract class DomainEvents {
  abstract subscribe<E extends object>(type: EventType<E>, handle: (event: E) => Promise<void>): void;
  abstract publish(event: object): Promise<void>;
}
