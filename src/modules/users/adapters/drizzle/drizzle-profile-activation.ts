import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { ProfileActivation } from '../../public/profile-activation.port';
import { userProfiles } from './user-profiles.table';

@Injectable()
export class DrizzleProfileActivation extends ProfileActivation {
  constructor(private readonly database: Database) {
    super();
  }

  async setActive(userId: string, isActive: boolean): Promise<void> {
    await this.database.current
      .update(userProfiles)
      .set({ status: isActive ? 'active' : 'inactive' })
      .where(eq(userProfiles.id, userId));
  }
}
