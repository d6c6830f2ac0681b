import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { subscriptionPlans } from './subscription-plans.table';

/** The one page where a user may buy now. Written before the payment side is asked, completed by its answer. */
export const billingCheckouts = pgTable(
  'billing_checkouts',
  {
    userId: uuid('user_id').primaryKey(),
    /** Names the wish at the payment side. */
    operationId: uuid('operation_id').notNull(),
    planId: uuid('plan_id')
      .notNull()
      .references(() => subscriptionPlans.id),
    successUrl: text('success_url').notNull(),
    cancelUrl: text('cancel_url').notNull(),
    /** The next three are null until the payment side has answered. */
    sessionId: text('session_id'),
    url: text('url'),
    expiresAt: instant('expires_at'),
    ...recordedTimes(),
  },
  (table) => [index('billing_checkouts_plan_id_idx').on(table.planId)],
);
