import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { Profiles } from '../../application/ports/profiles.port';
import type { Profile, ProfileChanges } from '../../domain/profile';
import { userProfiles } from './user-profiles.table';

/** What a user sees of a profile. */
const columns = {
  id: userProfiles.id,
  firstName: userProfiles.firstName,
  lastName: userProfiles.lastName,
  phoneNumber: userProfiles.phoneNumber,
  email: userProfiles.email,
  address: userProfiles.address,
  preferences: userProfiles.preferences,
  status: userProfiles.status,
};

@Injectable()
export class DrizzleProfiles extends Profiles {
  constructor(private readonly database: Database) {
    super();
  }

  async find(userId: string): Promise<Profile | undefined> {
    const [row] = await this.database.current.select(columns).from(userProfiles).where(eq(userProfiles.id, userId));
    return row;
  }

  async change(userId: string, changes: ProfileChanges): Promise<Profile | undefined> {
    if (Object.values(changes).every((value) => value === undefined)) return this.find(userId);
    const [row] = await this.database.current
      .update(userProfiles)
      .set(changes)
      .where(eq(userProfiles.id, userId))
      .returning(columns);
    return row;
  }
}
