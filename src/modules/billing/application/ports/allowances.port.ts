/** What a user may use in the running period, kept in step with what the user's subscription grants. */
export abstract class Allowances {
  /**
   * Gives the user's running period the limits that the live subscription grants now, in the surrounding unit of work,
   * which has written the subscription before. A raised limit counts at once; one that is lowered below what is gone
   * leaves nothing. Does nothing when nobody has used the period so far, or without a live subscription.
   * Locks the period's row (after the subscription's rows, never before).
   */
  abstract refresh(userId: string): Promise<void>;
}
