/** Forgets who somebody is. Joins the surrounding unit of work. */
export abstract class UserErasure {
  /**
   * Waits until whatever is just being added for the user has committed; what comes later waits for the unit of work. To
   * be called before anything else of the user is looked at.
   */
  abstract hold(userId: string): Promise<void>;

  /** Takes the profile away: the account can do nothing here any more. Repeating it changes nothing. */
  abstract erase(userId: string): Promise<void>;
}
