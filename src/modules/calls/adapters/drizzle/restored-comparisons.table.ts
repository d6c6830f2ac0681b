import { boolean, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';

/** How far the comparison of a restored database with each provider has come. The rows of the last restore stay. */
export const restoredComparisons = pgTable('restored_comparisons', {
  providerId: uuid('provider_id').primaryKey(),
  /** When the look through the vendor's calls began that is under way, or was the last. */
  beganAt: instant('began_at').notNull(),
  /** Where that look goes on; null: at its beginning. */
  page: text('page'),
  completedAt: instant('completed_at'),
  /** Whether one more look is needed, since the vendor has meanwhile told of a call that this one may have missed. */
  mustRepeat: boolean('must_repeat').notNull().default(false),
  /** Why it does not go on, and how many times in a row it did not. */
  problem: text('problem'),
  failures: integer('failures').notNull().default(0),
  /** Calls of which the database had lost the attempt, and calls that it does not know at all. */
  adopted: integer('adopted').notNull().default(0),
  lost: integer('lost').notNull().default(0),
  /** Calls of this look that are still under way at the vendor and hold no slot here. */
  live: integer('live').notNull().default(0),
  ...recordedTimes(),
});
