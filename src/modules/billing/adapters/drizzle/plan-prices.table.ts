import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';
import { subscriptionPlans } from './subscription-plans.table';

/** Every price that a plan was ever sold at: who bought it earlier goes on paying the old one. */
export const planPrices = pgTable(
  'plan_prices',
  {
    stripePriceId: text('stripe_price_id').primaryKey(),
    planId: uuid('plan_id')
      .notNull()
      .references(() => subscriptionPlans.id),
    ...recordedTimes(),
  },
  (table) => [index('plan_prices_plan_id_idx').on(table.planId)],
);
