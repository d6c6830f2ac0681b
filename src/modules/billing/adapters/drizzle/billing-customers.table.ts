import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

export const billingCustomers = pgTable('billing_customers', {
  userId: uuid('user_id').primaryKey(),
  stripeCustomerId: text('stripe_customer_id').notNull().unique(),
  ...recordedTimes(),
});
