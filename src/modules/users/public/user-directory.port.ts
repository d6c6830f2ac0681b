export type ProfileStatus = 'active' | 'inactive';

export interface Contact {
  readonly email: string | null;
}

/** What other modules may ask about users. */
export abstract class UserDirectory {
  /** The status of each user that has a profile; users without one are absent from the map. */
  abstract statusOf(userIds: readonly string[]): Promise<ReadonlyMap<string, ProfileStatus>>;

  /** Whether the user has a profile, and it is active. */
  abstract isActive(userId: string): Promise<boolean>;

  /** How to reach a user; undefined when there is no such user. */
  abstract contactOf(userId: string): Promise<Contact | undefined>;
}
