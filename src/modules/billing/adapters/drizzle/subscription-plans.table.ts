import { sql } from 'drizzle-orm';
import { check, integer, jsonb, numeric, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

export const subscriptionPlans = pgTable(
  'subscription_plans',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    slug: text('slug', { enum: ['free', 'basic', 'business', 'enterprise'] }).notNull(),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** In whole units of the currency. */
    price: numeric('price', { precision: 12, scale: 2, mode: 'number' }).notNull(),
    currency: text('currency').notNull().default('usd'),
    interval: text('interval', { enum: ['monthly', 'yearly'] }).notNull(),
    features: jsonb('features').$type<string[]>().notNull().default([]),
    /** Per month; null = unlimited. */
    callLimit: integer('call_limit'),
    /** Per month; null = unlimited. */
    minutesLimit: integer('minutes_limit'),
    /** How many calls of one user may wait at a time, whenever they are due; null = unlimited. */
    queuedCallsLimit: integer('queued_calls_limit'),
    /** What is sold now; earlier prices are in `plan_prices`. */
    stripePriceId: text('stripe_price_id'),
    /** How long a user's first paid subscription is free at first; 0 = not at all. */
    trialDays: integer('trial_days').notNull().default(0),
    ...recordedTimes(),
  },
  (table) => [
    unique('subscription_plans_slug_interval_key').on(table.slug, table.interval),
    check('subscription_plans_slug_check', sql`${table.slug} in ('free', 'basic', 'business', 'enterprise')`),
    check('subscription_plans_interval_check', sql`${table.interval} in ('monthly', 'yearly')`),
    check('subscription_plans_price_check', sql`${table.price} >= 0`),
    check('subscription_plans_trial_check', sql`${table.trialDays} between 0 and 730`),
    check('subscription_plans_limits_check', sql`${table.callLimit} >= 0 and ${table.minutesLimit} >= 0`),
    check('subscription_plans_queued_calls_check', sql`${table.queuedCallsLimit} >= 0`),
  ],
);
