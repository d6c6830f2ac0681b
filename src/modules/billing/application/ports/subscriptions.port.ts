import type { Period } from '../../domain/period';
import type { Subscription } from '../../domain/subscription';

export interface NewSubscription {
  readonly userId: string;
  readonly planId: string;
  readonly period: Period;
}

/** The subscriptions of users, at most one live per user. */
export abstract class Subscriptions {
  /** Makes other units of work that change this user's subscription wait until this one is over. Taken first. */
  abstract lockFor(userId: string): Promise<void>;

  abstract findLive(userId: string): Promise<Subscription | undefined>;

  /** The period of the free subscription that the user had last, as it was recorded. */
  abstract lastFreePeriod(userId: string): Promise<Period | undefined>;

  /**
   * The paid one that had come to grant no more than the free plan before its end was told, if that was after the user's
   * last free subscription began: from its months the free limits were granted last.
   */
  abstract lastLapsed(userId: string): Promise<Subscription | undefined>;

  /** The database's clock. */
  abstract now(): Promise<Date>;

  /**
   * Starts an active subscription.
   * @throws SubscriberNotFound when the user doesn't exist
   */
  abstract start(subscription: NewSubscription): Promise<void>;

  /** Ends a subscription at once. */
  abstract end(subscriptionId: string): Promise<void>;
}
