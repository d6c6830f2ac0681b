import { sql } from 'drizzle-orm';
import { boolean, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { subscriptionPlans } from './subscription-plans.table';

export const userSubscriptions = pgTable(
  'user_subscriptions',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** Null once the user is erased: the row stays for the books. */
    userId: uuid('user_id'),
    planId: uuid('plan_id')
      .notNull()
      .references(() => subscriptionPlans.id),
    status: text('status', { enum: ['active', 'trialing', 'past_due', 'canceled'] }).notNull(),
    stripeStatus: text('stripe_status'),
    stripeSubId: text('stripe_sub_id').unique(),
    /** The anchor of the monthly allowances, and the period as last told by the payment side. */
    currentPeriodStart: instant('current_period_start').notNull(),
    currentPeriodEnd: instant('current_period_end').notNull(),
    cancelAtPeriodEnd: boolean('cancel_at_period_end').notNull().default(false),
    paymentMethod: text('payment_method'),
    subscriptionId: text('subscription_id'),
    fetchedAt: instant('fetched_at'),
    ...recordedTimes(),
  },
  (table) => [
    uniqueIndex('user_subscriptions_one_live_key')
      .on(table.userId)
      .where(sql`status in ('active', 'trialing', 'past_due')`),
    index('user_subscriptions_user_id_idx').on(table.userId),
    index('user_subscriptions_plan_id_idx').on(table.planId),
    check(
      'user_subscriptions_status_check',
      sql`${table.status} in ('active', 'trialing', 'past_due', 'canceled')`,
    ),
    check('user_subscriptions_period_check', sql`${table.currentPeriodEnd} > ${table.currentPeriodStart}`),
  ],
);
