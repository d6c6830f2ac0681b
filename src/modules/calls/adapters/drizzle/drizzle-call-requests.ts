import { Injectable } from '@nestjs/common';
import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { violates } from '../../../../shared/database/violates';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import { type CallFilter, CallRequests } from '../../application/ports/call-requests.port';
import type { Call, CallAttempt, NewCall } from '../../domain/call';
import type { CallStatus } from '../../domain/call-status';
import { QueuedCallsLimitReached } from '../../domain/calls.errors';
import { callAttempts } from './call-attempts.table';
import { callQueue } from './call-queue.table';

/** Named by the trigger `limit_queued_calls`. */
const QUEUED_CALLS_LIMIT = 'call_queue_queued_calls_limit';

const callColumns = {
  id: callQueue.id,
  userId: callQueue.userId,
  status: callQueue.status,
  recipientNumber: callQueue.recipientNumber,
  scheduledTime: callQueue.scheduledTime,
  templateId: callQueue.templateId,
  providerId: callQueue.providerId,
  pinnedProviderId: callQueue.pinnedProviderId,
  customVariables: callQueue.customVariables,
  callId: callQueue.callId,
  failureCode: callQueue.failureCode,
  failureDetail: callQueue.failureDetail,
  createdAt: callQueue.createdAt,
  updatedAt: callQueue.updatedAt,
};

/** Only columns that users may read. */
const attemptColumns = {
  id: callAttempts.id,
  providerId: callAttempts.providerId,
  phoneNumberId: callAttempts.phoneNumberId,
  state: callAttempts.state,
  callId: callAttempts.providerCallId,
  outcome: callAttempts.outcome,
  createdAt: callAttempts.createdAt,
  endedAt: callAttempts.endedAt,
};

@Injectable()
export class DrizzleCallRequests extends CallRequests {
  constructor(private readonly database: Database) {
    super();
  }

  /**
   * One statement for all rows, which names no column but those that users may fill; drizzle's own insert names all of
   * them. The rows get `seq` and `created_at` in the order of the array; RETURNING promises no order, so `seq` gives it.
   */
  async add(userId: string, templateId: string, calls: readonly NewCall[]): Promise<readonly string[]> {
    const rows = JSON.stringify(calls.map((call) => [call.recipientNumber, call.scheduledTime, call.customVariables]));
    const statement = sql`
      with added as (
        insert into call_queue (user_id, recipient_number, scheduled_time, template_id, custom_variables)
        select ${userId}, call ->> 0, (call ->> 1)::timestamptz, ${templateId}, call -> 2
        from jsonb_array_elements(${rows}::jsonb) with ordinality as given (call, place)
        order by place
        returning id, seq
      )
      select id from added order by seq`;
    try {
      return (await this.database.current.execute<{ id: string }>(statement)).rows.map(({ id }) => id);
    } catch (error) {
      if (violates(error, QUEUED_CALLS_LIMIT)) throw new QueuedCallsLimitReached();
      throw error;
    }
  }

  async pin(callQueueId: string, providerId: string): Promise<void> {
    await this.database.current
      .update(callQueue)
      .set({ pinnedProviderId: providerId })
      .where(eq(callQueue.id, callQueueId));
  }

  async countQueued(userId: string, dueBefore: Date | null): Promise<{ readonly all: number; readonly due: number }> {
    const isDue = dueBefore === null ? sql`true` : lt(callQueue.dueAt, dueBefore);
    const [counted] = await this.database.current
      .select({ all: count(), due: sql<number>`count(*) filter (where ${isDue})::integer` })
      .from(callQueue)
      .where(and(eq(callQueue.userId, userId), eq(callQueue.status, 'queued')));
    return counted ?? { all: 0, due: 0 };
  }

  async find(userId: string, callQueueId: string): Promise<Call | undefined> {
    const rows = await this.database.current
      .select(callColumns)
      .from(callQueue)
      .where(and(eq(callQueue.id, callQueueId), eq(callQueue.userId, userId)));
    return rows.map(toCall)[0];
  }

  attemptsOf(callQueueId: string): Promise<readonly CallAttempt[]> {
    return this.database.current
      .select(attemptColumns)
      .from(callAttempts)
      .where(eq(callAttempts.callQueueId, callQueueId))
      .orderBy(asc(callAttempts.createdAt), asc(callAttempts.id));
  }

  async list({ userId, status }: CallFilter, page: PageRequest): Promise<Page<Call>> {
    const rows = await this.database.current
      .select({ ...callColumns, position: position(callQueue) })
      .from(callQueue)
      .where(
        and(
          userId === undefined ? undefined : eq(callQueue.userId, userId),
          status && eq(callQueue.status, status),
          behindCursor(callQueue, page),
        ),
      )
      .orderBy(...newestFirst(callQueue))
      .limit(page.limit + 1);
    return toPage(rows, page, toCall);
  }

  async lock(userId: string, callQueueId: string): Promise<CallStatus | undefined> {
    const rows = await this.database.current
      .select({ status: callQueue.status })
      .from(callQueue)
      .where(and(eq(callQueue.id, callQueueId), eq(callQueue.userId, userId)))
      .for('update');
    return rows[0]?.status;
  }

  async cancel(callQueueId: string): Promise<void> {
    await this.database.current
      .update(callQueue)
      .set({ status: 'canceled', endedAt: sql`clock_timestamp()` })
      .where(and(eq(callQueue.id, callQueueId), eq(callQueue.status, 'queued')));
  }

  async requestCancel(callQueueId: string): Promise<void> {
    await this.database.current
      .update(callQueue)
      .set({ cancelRequestedAt: sql`coalesce(cancel_requested_at, clock_timestamp())` })
      .where(and(eq(callQueue.id, callQueueId), eq(callQueue.status, 'in-progress')));
  }
}

type CallRow = Omit<Call, 'failure'> & { readonly failureCode: string | null; readonly failureDetail: string | null };

function toCall({ failureCode, failureDetail, providerId, pinnedProviderId, ...row }: CallRow): Call {
  return {
    ...row,
    providerId: providerId ?? pinnedProviderId,
    pinnedProviderId,
    failure: failureCode === null ? null : { code: failureCode, detail: failureDetail ?? '' },
  };
}
