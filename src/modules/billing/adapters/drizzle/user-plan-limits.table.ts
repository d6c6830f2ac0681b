import { sql } from 'drizzle-orm';
import { check, integer, pgTable, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

/** What was agreed with one user, per month; holds instead of the plan's limits while the plan is enterprise. */
export const userPlanLimits = pgTable(
  'user_plan_limits',
  {
    userId: uuid('user_id').primaryKey(),
    /** null = unlimited. */
    callLimit: integer('call_limit'),
    minutesLimit: integer('minutes_limit'),
    ...recordedTimes(),
  },
  (table) => [check('user_plan_limits_check', sql`${table.callLimit} >= 0 and ${table.minutesLimit} >= 0`)],
);
