export type ProfileStatus = 'active' | 'inactive';

/** What other modules may ask about users. */
export abstract class UserDirectory {
  /** The status of each user that has a profile; users without one are absent from the map. */
  abstract statusOf(userIds: readonly string[]): Promise<ReadonlyMap<string, ProfileStatus>>;
}
