import type { Profile, ProfileChanges } from '../../domain/profile';

/** The profiles of users, in the surrounding unit of work. */
export abstract class Profiles {
  abstract find(userId: string): Promise<Profile | undefined>;

  /** The profile as it is afterwards; undefined when there is none. */
  abstract change(userId: string, changes: ProfileChanges): Promise<Profile | undefined>;
}
