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
    /** Until when the plan's limits hold, the free plan's from then on; null = as long as it is live. */
    grantsUntil: instant('grants_until'),
    /** What follows when the period ends; null = the same plan again. */
    nextPlanId: uuid('next_plan_id').references(() => subscriptionPlans.id),
    /** Since when an invoice is owed; null when none is. */
    owedSince: instant('owed_since'),
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
    index('user_subscriptions_next_plan_id_idx')
      .on(table.nextPlanId)
      .where(sql`next_plan_id is not null`),
    check(
      'user_subscriptions_status_check',
      sql`${table.status} in ('active', 'trialing', 'past_due', 'canceled')`,
    ),
    check('user_subscriptions_period_check', sql`${table.currentPeriodEnd} > ${table.currentPeriodStart}`),
  ],
);
