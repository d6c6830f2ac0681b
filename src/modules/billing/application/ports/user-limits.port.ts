import type { Limits } from '../../domain/allowance';

/** What was agreed with single users in place of a plan's limits, per month. */
export abstract class UserLimits {
  /** Null when nothing was agreed. */
  abstract find(userId: string): Promise<Limits | null>;

  /**
   * Agrees on limits, instead of earlier ones if there are any. Holds up others that do, until the unit of work ends.
   * @returns what held before; null when nothing did
   * @throws SubscriberNotFound when the user doesn't exist
   */
  abstract set(userId: string, limits: Limits): Promise<Limits | null>;

  /** @returns what held until now; null when nothing did */
  abstract remove(userId: string): Promise<Limits | null>;
}
