/** Forgets who a subscriber is. Joins the surrounding unit of work. */
export abstract class SubscriberErasure {
  /**
   * Takes the user off the subscriptions and away from the payment side's customer, as the deletion of the account does:
   * what is still paid for is ended there by whoever looks next, at the latest the comparison. The ledger and its totals
   * stay as they are. Repeating it changes nothing.
   */
  abstract erase(userId: string): Promise<void>;
}
