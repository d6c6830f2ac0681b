import { sql } from 'drizzle-orm';
import { timestamp } from 'drizzle-orm/pg-core';

/** A point in time with its zone, read as a Date. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** The two columns that every table carries. The database's clock fills them; a trigger keeps `updated_at` true. */
export const recordedTimes = () => ({
  createdAt: instant('created_at')
    .notNull()
    .default(sql`clock_timestamp()`),
  updatedAt: instant('updated_at')
    .notNull()
    .default(sql`clock_timestamp()`),
});
