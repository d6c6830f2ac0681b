/** What tells who a subscriber is. Joins the surrounding unit of work. */
export abstract class SubscriberRecords {
  /**
   * Takes the user off the subscriptions and away from the payment side's customer and open page. May be repeated.
   * @returns the customer that the user was, unless it is gone at the payment side as well
   */
  abstract forget(userId: string): Promise<string | undefined>;
}
