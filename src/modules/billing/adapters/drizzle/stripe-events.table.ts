import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../../../shared/database/columns';

export const stripeEvents = pgTable(
  'stripe_events',
  {
    id: text('id').primaryKey(),
    type: text('type').notNull(),
    apiVersion: text('api_version'),
    created: instant('created').notNull(),
    /** What is worth keeping of it besides the other columns: no addresses, no secrets. */
    payload: jsonb('payload').notNull(),
    /** Whom it is about; both null = nobody we look after. */
    customerId: text('customer_id'),
    userId: uuid('user_id'),
    status: text('status', { enum: ['received', 'processed', 'failed'] }).notNull().default('received'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    receivedAt: instant('received_at').notNull().default(sql`clock_timestamp()`),
    /** When it may be worked on: pushed ahead while somebody does, and after a failure. */
    nextAttemptAt: instant('next_attempt_at').notNull().default(sql`clock_timestamp()`),
    processedAt: instant('processed_at'),
  },
  (table) => [
    index('stripe_events_due_idx').on(table.nextAttemptAt).where(sql`status <> 'processed'`),
    index('stripe_events_processed_idx').on(table.processedAt).where(sql`status = 'processed'`),
    check('stripe_events_status_check', sql`${table.status} in ('received', 'processed', 'failed')`),
  ],
);
