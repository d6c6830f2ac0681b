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

  async erase(userId: string): Promise<void> {
    await this.database.current.delete(userProfiles).where(eq(userProfiles.id, userId));
  }
}
