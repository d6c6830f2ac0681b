import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { CALL_STATUSES } from '../../domain/call-status';
import { callTemplates } from './call-templates.table';

/** What users asked for. Rows come from the API or straight from users through Supabase's Data API. */
export const callQueue = pgTable(
  'call_queue',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    seq: bigint('seq', { mode: 'number' }).generatedAlwaysAsIdentity(),
    /** Null once the user is erased. */
    userId: uuid('user_id'),
    recipientNumber: text('recipient_number').notNull(),
    /** ISO 3166-1 alpha-2, ZZ = none; noted once no number of a free provider was allowed to call there. */
    recipientCountry: text('recipient_country'),
    scheduledTime: instant('scheduled_time'),
    /** A scheduled time in the past means now: nobody gets ahead of the queue by asking for yesterday. */
    dueAt: instant('due_at')
      .notNull()
      .generatedAlwaysAs(sql`greatest(scheduled_time, created_at)`),
    status: text('status', { enum: CALL_STATUSES }).notNull().default('queued'),
    /** The vendor's id. */
    callId: text('call_id'),
    /** The provider of the latest attempt. */
    providerId: uuid('provider_id'),
    /** The only provider that the user allows. */
    pinnedProviderId: uuid('pinned_provider_id'),
    templateId: uuid('template_id').references(() => callTemplates.id, { onDelete: 'set null' }),
    customVariables: jsonb('custom_variables').$type<Record<string, unknown>>().notNull().default({}),
    attempts: integer('attempts').notNull().default(0),
    failureCode: text('failure_code'),
    failureDetail: text('failure_detail'),
    cancelRequestedAt: instant('cancel_requested_at'),
    endedAt: instant('ended_at'),
    ...recordedTimes(),
  },
  (table) => [
    index('call_queue_due_idx').on(table.dueAt, table.seq).where(sql`status = 'queued'`),
    index('call_queue_user_list_idx').on(table.userId, table.createdAt.desc(), table.id.desc()),
    index('call_queue_list_idx').on(table.createdAt.desc(), table.id.desc()),
    index('call_queue_user_status_list_idx').on(table.userId, table.status, table.createdAt.desc(), table.id.desc()),
    index('call_queue_status_list_idx').on(table.status, table.createdAt.desc(), table.id.desc()),
    index('call_queue_template_id_idx').on(table.templateId),
    index('call_queue_provider_id_idx').on(table.providerId).where(sql`provider_id is not null`),
    index('call_queue_pinned_provider_id_idx').on(table.pinnedProviderId).where(sql`pinned_provider_id is not null`),
    index('call_queue_in_progress_idx').on(table.providerId).where(sql`status = 'in-progress'`),
    check('call_queue_status_check', sql`${table.status} in ('queued', 'in-progress', 'completed', 'failed', 'canceled')`),
    check('call_queue_recipient_number_check', sql`${table.recipientNumber} ~ '^\\+[1-9][0-9]{6,14}$'`),
    check('call_queue_recipient_country_check', sql`${table.recipientCountry} ~ '^[A-Z]{2}$'`),
    check('call_queue_custom_variables_check', sql`jsonb_typeof(${table.customVariables}) = 'object'`),
  ],
);
