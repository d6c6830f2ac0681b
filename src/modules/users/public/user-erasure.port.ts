/** Forgets who somebody is. Joins the surrounding unit of work. */
export abstract class UserErasure {
  /** Takes the profile away: the account can do nothing here any more. Repeating it changes nothing. */
  abstract erase(userId: string): Promise<void>;
}
