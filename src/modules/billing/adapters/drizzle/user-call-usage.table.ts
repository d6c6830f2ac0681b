import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, unique, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { userSubscriptions } from './user-subscriptions.table';

/** One user's totals in one period. Changed only together with a line of `usage_ledger_entries`. */
export const userCallUsage = pgTable(
  'user_call_usage',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: uuid('user_id'),
    subscriptionId: uuid('subscription_id')
      .notNull()
      .references(() => userSubscriptions.id),
    billingPeriodStart: instant('billing_period_start').notNull(),
    billingPeriodEnd: instant('billing_period_end').notNull(),
    /** What the plan grants in this period; null = unlimited. */
    callsLimit: integer('calls_limit'),
    minutesLimit: integer('minutes_limit'),
    callsUsed: integer('calls_used').notNull().default(0),
    minutesUsed: integer('minutes_used').notNull().default(0),
    callsReserved: integer('calls_reserved').notNull().default(0),
    minutesReserved: integer('minutes_reserved').notNull().default(0),
    callsRemaining: integer('calls_remaining').generatedAlwaysAs(
      sql`case when calls_limit is null then null else greatest(calls_limit - calls_used - calls_reserved, 0) end`,
    ),
    minutesRemaining: integer('minutes_remaining').generatedAlwaysAs(
      sql`case when minutes_limit is null then null else greatest(minutes_limit - minutes_used - minutes_reserved, 0) end`,
    ),
    lastUpdated: instant('last_updated').notNull().default(sql`clock_timestamp()`),
    ...recordedTimes(),
  },
  (table) => [
    unique('user_call_usage_user_period_key').on(table.userId, table.billingPeriodStart),
    index('user_call_usage_subscription_id_idx').on(table.subscriptionId),
    index('user_call_usage_billing_period_end_idx').on(table.billingPeriodEnd),
    check('user_call_usage_period_check', sql`${table.billingPeriodEnd} > ${table.billingPeriodStart}`),
    check(
      'user_call_usage_totals_check',
      sql`${table.callsUsed} >= 0 and ${table.minutesUsed} >= 0 and ${table.callsReserved} >= 0 and ${table.minutesReserved} >= 0`,
    ),
  ],
);
