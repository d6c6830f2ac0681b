/** Forgets who a subscriber is. Joins the surrounding unit of work. */
export abstract class SubscriberErasure {
  /**
   * Makes whoever changes what the user has, or finds out who the user is at the payment side, wait until the unit of work
   * is over. To be called before anything else of the user is touched.
   */
  abstract hold(userId: string): Promise<void>;

  /**
   * Takes the user off the subscriptions and away from the payment side's customer, as the deletion of the account does:
   * what is still paid for is ended there by whoever looks next, at the latest the comparison. Pages where the user could
   * buy are closed after the commit. The ledger and its totals stay as they are. Repeating it changes nothing.
   */
  abstract erase(userId: string): Promise<void>;
}
