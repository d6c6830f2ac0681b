import { Injectable } from '@nestjs/common';
import { eq, inArray, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type Contact, type ProfileStatus, UserDirectory } from '../../public/user-directory.port';
import { userProfiles } from './user-profiles.table';

@Injectable()
export class DrizzleUserDirectory extends UserDirectory {
  constructor(private readonly database: Database) {
    super();
  }

  async statusOf(userIds: readonly string[]): Promise<ReadonlyMap<string, ProfileStatus>> {
    if (userIds.length === 0) return new Map();
    const rows = await this.database.current
      .select({ id: userProfiles.id, status: userProfiles.status })
      .from(userProfiles)
      .where(inArray(userProfiles.id, [...userIds]));
    return new Map(rows.map(({ id, status }) => [id, status]));
  }

  isActive(userId: string): Promise<boolean> {
    return this.database.value(sql`ringonce.is_active(${userId})`);
  }

  async contactOf(userId: string): Promise<Contact | undefined> {
    const [row] = await this.database.current
      .select({ email: userProfiles.email })
      .from(userProfiles)
      .where(eq(userProfiles.id, userId));
    return row;
  }
}
