import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../../../shared/database/columns';
import { userCallUsage } from './user-call-usage.table';

/** Append-only: a trigger refuses to change or delete a line. At most one line per attempt and kind. */
export const usageLedgerEntries = pgTable(
  'usage_ledger_entries',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity(),
    userId: uuid('user_id'),
    usageId: uuid('usage_id')
      .notNull()
      .references(() => userCallUsage.id),
    attemptId: uuid('attempt_id').notNull(),
    callQueueId: uuid('call_queue_id').notNull(),
    kind: text('kind', { enum: ['reserve', 'settle', 'release', 'adjust'] }).notNull(),
    /** What the step is about: reserved by reserve, used by settle and adjust, given back by release. */
    calls: integer('calls').notNull(),
    minutes: integer('minutes').notNull(),
    /** The signed change of the period's reservation. Their sums are its `calls_reserved` and `minutes_reserved`. */
    reservedCalls: integer('reserved_calls').notNull(),
    reservedMinutes: integer('reserved_minutes').notNull(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    unique('usage_ledger_entries_attempt_kind_key').on(table.attemptId, table.kind),
    index('usage_ledger_entries_user_idx').on(table.userId, table.createdAt.desc(), table.id.desc()),
    index('usage_ledger_entries_usage_id_idx').on(table.usageId),
    index('usage_ledger_entries_call_queue_id_idx').on(table.callQueueId),
    check('usage_ledger_entries_kind_check', sql`${table.kind} in ('reserve', 'settle', 'release', 'adjust')`),
  ],
);
