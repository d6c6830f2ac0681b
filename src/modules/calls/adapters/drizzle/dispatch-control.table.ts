import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';

/** One row: whether dispatchers may claim. */
export const dispatchControl = pgTable(
  'dispatch_control',
  {
    id: boolean('id').primaryKey().default(true),
    isPaused: boolean('is_paused').notNull().default(false),
    reason: text('reason'),
    /**
     * Attempts that were opened up to this moment are to be hung up: 'infinity' from an emergency stop that asks for it
     * until the queue is resumed, then the moment of that.
     */
    hangUpBefore: instant('hang_up_before'),
    /** When the database was marked as restored from a backup. While it is set nothing is claimed, paused or not. */
    restoredAt: instant('restored_at'),
    /** The vendors' calls since then are compared with the database. */
    comparedSince: instant('compared_since'),
    /** When somebody decided to go on without the rest of the comparison. */
    comparisonAbandonedAt: instant('comparison_abandoned_at'),
    /** The instance that compares, and until when nobody else does. */
    comparedBy: text('compared_by'),
    comparedByUntil: instant('compared_by_until'),
    /** Which server, timeline and database the service last saw itself on. */
    databaseIdentity: text('database_identity'),
    ...recordedTimes(),
  },
  (table) => [
    check('dispatch_control_single_row_check', sql`${table.id}`),
    check('dispatch_control_restored_check', sql`(${table.restoredAt} is null) = (${table.comparedSince} is null)`),
  ],
);
