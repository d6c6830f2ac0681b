import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';

export const billingCustomers = pgTable('billing_customers', {
  userId: uuid('user_id').primaryKey(),
  stripeCustomerId: text('stripe_customer_id').notNull().unique(),
  /** When what the payment side knows of the customer was asked for; an answer to an earlier question changes nothing. */
  fetchedAt: instant('fetched_at'),
  /** One trial per user, even across customers. */
  trialUsedAt: instant('trial_used_at'),
  /** The customer is gone at the payment side: the next purchase makes another one. */
  deletedAt: instant('deleted_at'),
  ...recordedTimes(),
});
