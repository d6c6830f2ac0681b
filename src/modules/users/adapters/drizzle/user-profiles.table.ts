import { sql } from 'drizzle-orm';
import { check, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { recordedTimes } from '../../../../shared/database/columns';

export const userProfiles = pgTable(
  'user_profiles',
  {
    id: uuid('id').primaryKey(),
    firstName: text('first_name'),
    lastName: text('last_name'),
    phoneNumber: text('phone_number'),
    email: text('email'),
    address: text('address'),
    preferences: jsonb('preferences').$type<Record<string, unknown>>().notNull().default({}),
    status: text('status', { enum: ['active', 'inactive'] }).notNull().default('inactive'),
    ...recordedTimes(),
  },
  (table) => [check('user_profiles_status_check', sql`${table.status} in ('active', 'inactive')`)],
);
