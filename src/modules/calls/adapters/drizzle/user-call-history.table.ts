import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { callAttempts } from './call-attempts.table';
import { callQueue } from './call-queue.table';

/** What became of each accepted attempt. */
export const userCallHistory = pgTable(
  'user_call_history',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    userId: uuid('user_id'),
    callQueueId: uuid('call_queue_id')
      .notNull()
      .references(() => callQueue.id),
    attemptId: uuid('attempt_id')
      .notNull()
      .unique()
      .references(() => callAttempts.id),
    /** The vendor's id. */
    callId: text('call_id').notNull(),
    providerId: uuid('provider_id').notNull(),
    assistantId: uuid('assistant_id').notNull(),
    phoneNumberId: uuid('phone_number_id').notNull(),
    recipientNumber: text('recipient_number').notNull(),
    status: text('status', { enum: ['in-progress', 'completed', 'failed'] }).notNull().default('in-progress'),
    outcome: text('outcome'),
    endedReason: text('ended_reason'),
    transcript: text('transcript'),
    summary: text('summary'),
    analysis: jsonb('analysis').$type<Record<string, unknown>>(),
    recordingUrl: text('recording_url'),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
    durationSeconds: integer('duration_seconds'),
    costMicros: bigint('cost_micros', { mode: 'number' }),
    currency: text('currency'),
    /** When what was said, and what was made of it, was cleared; nothing of it is taken in any more. */
    transcriptClearedAt: instant('transcript_cleared_at'),
    recordingClearedAt: instant('recording_cleared_at'),
    ...recordedTimes(),
  },
  (table) => [
    index('user_call_history_list_idx').on(table.userId, table.createdAt.desc(), table.id.desc()),
    index('user_call_history_call_queue_id_idx').on(table.callQueueId),
    index('user_call_history_provider_id_idx').on(table.providerId),
    index('user_call_history_assistant_id_idx').on(table.assistantId),
    index('user_call_history_phone_number_id_idx').on(table.phoneNumberId),
    index('user_call_history_transcripts_idx').on(table.createdAt).where(sql`transcript_cleared_at is null`),
    index('user_call_history_recordings_idx').on(table.createdAt).where(sql`recording_cleared_at is null`),
    check('user_call_history_status_check', sql`${table.status} in ('in-progress', 'completed', 'failed')`),
  ],
);
