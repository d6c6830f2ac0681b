import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from '../../../../shared/database/columns';

export const stripeEvents = pgTable(
  'stripe_events',
  {
    id: text('id').primaryKey(),
    type: text('type').notNull(),
    apiVersion: text('api_version'),
    created: instant('created').notNull(),
    payload: jsonb('payload').notNull(),
    status: text('status', { enum: ['received', 'processed', 'failed'] }).notNull().default('received'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    receivedAt: instant('received_at').notNull().default(sql`clock_timestamp()`),
    processedAt: instant('processed_at'),
  },
  (table) => [
    index('stripe_events_waiting_idx').on(table.receivedAt).where(sql`status <> 'processed'`),
    check('stripe_events_status_check', sql`${table.status} in ('received', 'processed', 'failed')`),
  ],
);
