import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns';

/** First answers of requests that carried an Idempotency-Key. Written in the transaction of the request itself. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** The user's id, or `service` for an internal service on its own behalf. */
    subject: text('subject').notNull(),
    key: text('key').notNull(),
    /** Method and route template. */
    route: text('route').notNull(),
    /** SHA-256 of the canonical body, in hex. */
    requestHash: text('request_hash').notNull(),
    status: integer('status').notNull(),
    response: jsonb('response'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (table) => [
    primaryKey({ name: 'idempotency_keys_pkey', columns: [table.subject, table.key] }),
    index('idempotency_keys_created_at_idx').on(table.createdAt),
  ],
);
