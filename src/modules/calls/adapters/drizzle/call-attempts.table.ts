import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { ATTEMPT_STATES } from '../../domain/attempt';
import { callQueue } from './call-queue.table';

/** One dial of a call on one provider account. Open (placing, placed, unknown) = it holds a slot. */
export const callAttempts = pgTable(
  'call_attempts',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    callQueueId: uuid('call_queue_id')
      .notNull()
      .references(() => callQueue.id),
    providerId: uuid('provider_id').notNull(),
    phoneNumberId: uuid('phone_number_id').notNull(),
    assistantId: uuid('assistant_id').notNull(),
    state: text('state', { enum: ATTEMPT_STATES }).notNull().default('placing'),
    progress: text('progress', { enum: ['queued', 'ringing', 'in-progress', 'ended'] }),
    providerCallId: text('provider_call_id'),
    refusal: text('refusal'),
    refusalDetail: text('refusal_detail'),
    outcome: text('outcome'),
    reservedMinutes: integer('reserved_minutes').notNull(),
    /** False while the reservation waits for the connected time to be known. */
    isSettled: boolean('is_settled').notNull().default(false),
    claimedBy: text('claimed_by').notNull(),
    placedAt: instant('placed_at'),
    /** When the vendor last said something about it. */
    newsAt: instant('news_at'),
    /** When, and how often, the vendor was asked about it. */
    askedAt: instant('asked_at'),
    asked: integer('asked').notNull().default(0),
    /** Since when an unknown placement is looked for: nobody may have been there to look before. */
    soughtSince: instant('sought_since'),
    /** When the vendor was asked to hang up. */
    hangUpAt: instant('hang_up_at'),
    endedAt: instant('ended_at'),
    ...recordedTimes(),
  },
  (table) => [
    uniqueIndex('call_attempts_one_open_key')
      .on(table.callQueueId)
      .where(sql`state in ('placing', 'placed', 'unknown')`),
    uniqueIndex('call_attempts_provider_call_key').on(table.providerId, table.providerCallId),
    index('call_attempts_open_idx').on(table.providerId).where(sql`state in ('placing', 'placed', 'unknown')`),
    index('call_attempts_unsettled_idx').on(table.createdAt).where(sql`not is_settled`),
    index('call_attempts_call_queue_id_idx').on(table.callQueueId),
    index('call_attempts_phone_number_id_idx').on(table.phoneNumberId),
    index('call_attempts_assistant_id_idx').on(table.assistantId),
    check('call_attempts_state_check', sql`${table.state} in ('placing', 'placed', 'unknown', 'refused', 'ended')`),
    check('call_attempts_progress_check', sql`${table.progress} in ('queued', 'ringing', 'in-progress', 'ended')`),
    check('call_attempts_reserved_minutes_check', sql`${table.reservedMinutes} > 0`),
  ],
);
