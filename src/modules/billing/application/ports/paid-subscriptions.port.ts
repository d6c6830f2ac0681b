import type { PaidSubscription } from '../../domain/paid-subscription';
import type { Moment } from './customers.port';

/** What a customer still had when we heard of it last. */
export interface OpenCustomer {
  readonly customerId: string;
  readonly paymentIds: readonly string[];
}

/** Our records of the subscriptions that the payment side keeps. */
export abstract class PaidSubscriptions {
  /** Every one of the user, ended ones included. */
  abstract of(userId: string): Promise<readonly PaidSubscription[]>;

  /** Those of the named ones that we have recorded and that belong to no user any more. */
  abstract withoutUser(paymentIds: readonly string[]): Promise<readonly PaidSubscription[]>;

  /** Which of the named ones we have recorded for a user who is there. */
  abstract withUser(paymentIds: readonly string[]): Promise<readonly string[]>;

  /** How many there are that belong to no user any more and had not ended for good when we heard of them last. */
  abstract countWithoutUser(): Promise<number>;

  /** Since when the user has a live subscription that nobody pays for; null without one. */
  abstract unpaidSince(userId: string): Promise<Date | null>;

  /** Ends the user's live subscription that nobody pays for. */
  abstract endUnpaid(userId: string): Promise<void>;

  /**
   * Writes records as they were asked for at `askedAt`, those that are not live first, so that there is never a second
   * live one. `userId` is null for those whose user is gone; one that belongs to nobody becomes the user's. Runs in the surrounding unit of work.
   */
  abstract record(userId: string | null, records: readonly PaidSubscription[], askedAt: Moment): Promise<void>;

  /** Every customer with a subscription that had not ended for good when we heard of it last. */
  abstract openCustomers(): Promise<readonly OpenCustomer[]>;
}
