import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { UserLimits } from '../../application/ports/user-limits.port';
import type { Limits } from '../../domain/allowance';
import { SubscriberNotFound } from '../../domain/billing.errors';
import { isForeignKeyViolation } from './foreign-key-violation';
import { userPlanLimits } from './user-plan-limits.table';

const LIMITS = { calls: userPlanLimits.callLimit, minutes: userPlanLimits.minutesLimit };

@Injectable()
export class DrizzleUserLimits extends UserLimits {
  constructor(private readonly database: Database) {
    super();
  }

  async find(userId: string): Promise<Limits | null> {
    const [found] = await this.select(userId);
    return found ?? null;
  }

  /** What is there already is locked before it is read, so that of two changes the later one knows the earlier one. */
  async set(userId: string, { calls, minutes }: Limits): Promise<Limits | null> {
    const row = { userId, callLimit: calls, minutesLimit: minutes };
    const created = await this.create(row);
    if (created.length > 0) return null;
    const [before] = await this.select(userId).for('update');
    await this.database.current
      .insert(userPlanLimits)
      .values(row)
      .onConflictDoUpdate({ target: userPlanLimits.userId, set: { callLimit: calls, minutesLimit: minutes } });
    return before ?? null;
  }

  async remove(userId: string): Promise<Limits | null> {
    const [before] = await this.database.current
      .delete(userPlanLimits)
      .where(eq(userPlanLimits.userId, userId))
      .returning(LIMITS);
    return before ?? null;
  }

  private select(userId: string) {
    return this.database.current.select(LIMITS).from(userPlanLimits).where(eq(userPlanLimits.userId, userId));
  }

  private async create(row: typeof userPlanLimits.$inferInsert) {
    try {
      return await this.database.current.insert(userPlanLimits).values(row).onConflictDoNothing().returning(LIMITS);
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new SubscriberNotFound();
      throw error;
    }
  }
}
