import { sql } from 'drizzle-orm';
import { check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns';

/** What administrators, internal services and the service itself changed. Rows are added and never touched again. */
export const adminAuditEntries = pgTable(
  'admin_audit_entries',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    /** What was done to which kind of thing: `provider.change`. */
    action: text('action').notNull(),
    subjectKind: text('subject_kind').notNull(),
    /** Null where there is only one of the kind. No reference: the thing may be gone. */
    subjectId: uuid('subject_id'),
    actorKind: text('actor_kind', { enum: ['user', 'service', 'system'] }).notNull(),
    /** No reference: the entry outlives the account. */
    actorUserId: uuid('actor_user_id'),
    before: jsonb('before').$type<Record<string, unknown>>(),
    after: jsonb('after').$type<Record<string, unknown>>(),
    requestId: text('request_id'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`clock_timestamp()`),
  },
  (table) => [
    index('admin_audit_entries_list_idx').on(table.createdAt.desc(), table.id.desc()),
    index('admin_audit_entries_subject_idx').on(table.subjectId, table.createdAt.desc(), table.id.desc()),
    index('admin_audit_entries_action_idx').on(table.action, table.createdAt.desc(), table.id.desc()),
    check('admin_audit_entries_actor_check', sql`${table.actorKind} in ('user', 'service', 'system')`),
    check('admin_audit_entries_user_check', sql`${table.actorKind} <> 'user' or ${table.actorUserId} is not null`),
  ],
);
