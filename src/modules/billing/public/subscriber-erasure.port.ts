/** What is left to do when an erasure has committed. Never rejects. */
export type AfterErasure = () => Promise<void>;

/** Forgets who a subscriber is. Joins the surrounding unit of work. */
export abstract class SubscriberErasure {
  /**
   * Closes the pages where the user could buy, while it is still known who the user is at the payment side: should the
   * process die right after the erasure, nobody would. To be called before the unit of work. A payment side that does not
   * answer holds up no erasure: a warning names the customer.
   */
  abstract closePages(userId: string): Promise<void>;

  /**
   * Makes whoever changes what the user has, or finds out who the user is at the payment side, wait until the unit of work
   * is over. To be called before anything else of the user is touched.
   */
  abstract hold(userId: string): Promise<void>;

  /**
   * Takes the user off the subscriptions and away from the payment side's customer, as the deletion of the account does:
   * what is still paid for is ended there by whoever looks next, at the latest the comparison. The ledger and its totals
   * stay as they are. Repeating it changes nothing.
   * @returns what closes the pages that were opened meanwhile
   */
  abstract erase(userId: string): Promise<AfterErasure>;
}
