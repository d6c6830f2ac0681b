import { sql } from 'drizzle-orm';
import { boolean, check, pgTable, text } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

/** One row: whether dispatchers may claim. */
export const dispatchControl = pgTable(
  'dispatch_control',
  {
    id: boolean('id').primaryKey().default(true),
    isPaused: boolean('is_paused').notNull().default(false),
    reason: text('reason'),
    ...recordedTimes(),
  },
  (table) => [check('dispatch_control_single_row_check', sql`${table.id}`)],
);
