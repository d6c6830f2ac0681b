import { sql } from 'drizzle-orm';
import { check, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

/** What the local payment page remembers in place of a payment vendor. Empty wherever real payments are configured. */
export const localPaymentRecords = pgTable(
  'local_payment_records',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['customer', 'checkout', 'portal', 'subscription'] }).notNull(),
    customerId: text('customer_id').notNull(),
    data: jsonb('data').notNull(),
    ...recordedTimes(),
  },
  (table) => [
    index('local_payment_records_customer_idx').on(table.customerId, table.kind),
    check('local_payment_records_kind_check', sql`${table.kind} in ('customer', 'checkout', 'portal', 'subscription')`),
  ],
);
