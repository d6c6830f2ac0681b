/** A moment of the database's clock, to the microsecond, as text that only the database reads. */
export type Moment = string;

/** A user at the payment side. */
export interface Customer {
  readonly userId: string;
  /** The payment side's id. */
  readonly customerId: string;
  /** Whether a subscription of the user ever began with a trial. */
  readonly hasUsedTrial: boolean;
  /** Whether the customer is gone at the payment side. */
  readonly isDeleted: boolean;
}

/** Which user is which customer: one customer per user. */
export abstract class Customers {
  abstract find(userId: string): Promise<Customer | undefined>;
  abstract findByCustomerId(customerId: string): Promise<Customer | undefined>;

  /** The ids of all customers that are not gone, of those that begin with the prefix, in the order of their ids. */
  abstract remaining(prefix: string): Promise<readonly string[]>;

  /** Whether there is a customer that is not gone, and whose id begins otherwise. */
  abstract hasOther(prefix: string): Promise<boolean>;

  /**
   * Notes a user's customer unless the user has one already; one that is deleted at the payment side gives way.
   * @returns the one that the user has now
   * @throws SubscriberNotFound when the user doesn't exist
   */
  abstract keep(userId: string, customerId: string): Promise<Customer>;

  /** Asked for before the payment side is, so that its answers can be put in order. */
  abstract moment(): Promise<Moment>;

  /**
   * Notes that what was asked at `askedAt` is about to be recorded, in the surrounding unit of work.
   * @returns false when an answer to a later question was recorded already: this one is then older than what we have
   */
  abstract noteAnswer(customerId: string, askedAt: Moment): Promise<boolean>;

  abstract noteTrialUsed(customerId: string): Promise<void>;
  abstract noteDeleted(customerId: string): Promise<void>;

  /** Notes that the customer is there, whatever was noted before. */
  abstract noteThere(customerId: string): Promise<void>;

  /** Makes the user `customerId`, as long as the user is `instead` still. Atomic without a surrounding unit of work. */
  abstract takeBack(userId: string, customerId: string, instead: string): Promise<void>;
}
