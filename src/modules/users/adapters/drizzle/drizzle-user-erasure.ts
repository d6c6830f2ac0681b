import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { UserErasure } from '../../public/user-erasure.port';
import { userProfiles } from './user-profiles.table';

@Injectable()
export class DrizzleUserErasure extends UserErasure {
  constructor(private readonly database: Database) {
    super();
  }

  /** Users who add something hold their own profile for as long: the questions of the policies see to that. */
  async hold(userId: string): Promise<void> {
    await this.database.current
      .select({ id: userProfiles.id })
      .from(userProfiles)
      .where(eq(userProfiles.id, userId))
      .for('update');
  }

  async erase(userId: string): Promise<void> {
    await this.database.current.delete(userProfiles).where(eq(userProfiles.id, userId));
  }
}
