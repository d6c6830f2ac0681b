/** Whose key it is: a user's id, or `service`, and the key as the client chose it. */
export interface IdempotencyKey {
  readonly subject: string;
  readonly key: string;
}

/** The first answer to a request with a key. `response` is JSON. */
export interface StoredAnswer {
  /** Method and route template. */
  readonly route: string;
  /** SHA-256, in hex, of the canonical body, the path's parameters and the query. */
  readonly requestHash: string;
  readonly status: number;
  readonly response: unknown;
}

/** Whether the key could be reserved, and the answer that is kept for it. */
export interface TakenKey {
  readonly isTaken: boolean;
  readonly stored: StoredAnswer | undefined;
}

/** Stands where the answer will, while a request that is answered outside of a unit of work is under way. */
export const UNDER_WAY = 102;

/** Remembers first answers for 24 hours. Every method runs in the surrounding unit of work. */
export abstract class IdempotencyKeys {
  /**
   * Reserves the key until the surrounding unit of work ends, unless another one holds it, and finds what is kept for
   * it: whatever the one that held it before has committed. Never waits.
   */
  abstract take(key: IdempotencyKey): Promise<TakenKey>;

  /** The answer kept for the key, at most 24 hours old by the database's clock. */
  abstract find(key: IdempotencyKey): Promise<StoredAnswer | undefined>;

  /**
   * Keeps an answer. It replaces an expired one and, for a request that gave signs of life, its own run; what another run
   * keeps for the key stays.
   * @param run as it was begun; left out by a request that holds the key's lock
   */
  abstract keep(key: IdempotencyKey, answer: StoredAnswer, run?: string): Promise<void>;

  /**
   * Keeps in place of an answer that a request is under way. It has to give signs of life from then on.
   * @param run names this attempt to answer; nobody else's has the same name
   * @returns false when the key has a fresh answer, or a run that gives signs of life: both stay
   */
  abstract begin(
    key: IdempotencyKey,
    question: Pick<StoredAnswer, 'route' | 'requestHash'>,
    run: string,
  ): Promise<boolean>;

  /** A sign of life of a run. Does nothing once another one has taken its place. Atomic without a unit of work. */
  abstract touch(key: IdempotencyKey, run: string): Promise<void>;

  /** Whether whoever has the key under way has given no sign of life for two minutes of the database's clock. */
  abstract isAbandoned(key: IdempotencyKey): Promise<boolean>;

  /** Forgets a run that was under way: the request may be made anew. An answer, or another run, stays. */
  abstract forget(key: IdempotencyKey, run: string): Promise<void>;

  /**
   * Removes keys that were kept longer ago, the oldest first, and passes over those that another instance is removing.
   * Atomic without a unit of work.
   * @returns how many, at most `limit`
   */
  abstract sweep(olderThanMs: number, limit: number): Promise<number>;
}
