import { Injectable } from '@nestjs/common';
import { and, asc, count, eq, lt, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { userJson } from '../../../../shared/database/user-json';
import { isRefusedByPolicy, violates } from '../../../../shared/database/violates';
import { behindCursor, newestFirst, position, toPage } from '../../../../shared/database/keyset';
import type { Page, PageRequest } from '../../../../shared/kernel/page';
import type { UserClaims } from '../../../../shared/kernel/unit-of-work.port';
import { type CallFilter, CallRequests, type QueuedCalls } from '../../application/ports/call-requests.port';
import type { Call, CallAttempt, NewCall } from '../../domain/call';
import type { CallStatus } from '../../domain/call-status';
import { QueuedCallsLimitReached, TemplateNotFound, UserInactive } from '../../domain/calls.errors';
import { callAttempts } from './call-attempts.table';
import { callQueue } from './call-queue.table';

/** Named by the trigger `limit_queued_calls`. */
const QUEUED_CALLS_LIMIT = 'call_queue_queued_calls_limit';
/** Named by the policy's question `is_active_user`. */
const ACTIVE_USER = 'call_queue_active_user';

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

  async add(claims: UserClaims, templateId: string, call: NewCall): Promise<Call> {
    const added = await refusing(() =>
      this.database.changing<AddedRow | null>(sql`ringonce.add_call(${userJson(claims)}, ${templateId}, ${contentOf([call])})`),
    );
    if (!added) throw new Error('A call was neither queued nor refused');
    return toNewCall(added);
  }

  async addAll(claims: UserClaims, templateId: string, calls: readonly NewCall[]): Promise<readonly string[]> {
    const { rows } = await refusing(() =>
      this.database.current.execute<{ id: string }>(
        sql`select id from ringonce.add_calls(${userJson(claims)}, ${templateId}, ${contentOf(calls)})`,
      ),
    );
    return rows.map(({ id }) => id);
  }

  async pin(callQueueId: string, providerId: string): Promise<Call> {
    const [pinned] = await this.database.current
      .update(callQueue)
      .set({ pinnedProviderId: providerId })
      .where(eq(callQueue.id, callQueueId))
      .returning(callColumns);
    if (!pinned) throw new Error('A call that is to be pinned is not there');
    return toCall(pinned);
  }

  async queuedOf(userId: string): Promise<QueuedCalls> {
    const { lastDueAt, ...queued } = await this.database.value<{ count: number; lastDueAt: string | null }>(
      sql`ringonce.queued_calls_of(${userId})`,
    );
    return { ...queued, lastDueAt: lastDueAt === null ? null : new Date(lastDueAt) };
  }

  countDueBefore(userId: string, time: Date): Promise<number> {
    const due = this.database.current
      .select({ due: count() })
      .from(callQueue)
      .where(and(eq(callQueue.userId, userId), eq(callQueue.status, 'queued'), lt(callQueue.dueAt, time)));
    return this.database.value(sql`(${due})`);
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

/** What the database has made of a new call. Times are texts here. */
interface AddedRow extends Pick<Call, 'id' | 'userId' | 'status' | 'recipientNumber'> {
  readonly scheduledTime: string | null;
  readonly templateId: string | null;
  readonly customVariables: Call['customVariables'];
  readonly createdAt: string;
  readonly updatedAt: string;
}

function toNewCall({ scheduledTime, createdAt, updatedAt, ...row }: AddedRow): Call {
  return {
    ...row,
    scheduledTime: scheduledTime === null ? null : new Date(scheduledTime),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    providerId: null,
    pinnedProviderId: null,
    callId: null,
    failure: null,
  };
}

/** The calls as one parameter, however many they are. */
function contentOf(calls: readonly NewCall[]): string {
  return JSON.stringify(calls.map((call) => [call.recipientNumber, call.scheduledTime, call.customVariables]));
}

/**
 * The trigger counts again what waits, and sees what others have queued meanwhile. The policy asks again whether the user
 * is active, and waits for whoever is erasing the user; what else it asks is whether the user still sees the template.
 */
async function refusing<T>(add: () => PromiseLike<T>): Promise<T> {
  try {
    return await add();
  } catch (error) {
    if (violates(error, QUEUED_CALLS_LIMIT)) throw new QueuedCallsLimitReached();
    if (violates(error, ACTIVE_USER)) throw new UserInactive();
    if (isRefusedByPolicy(error)) throw new TemplateNotFound();
    throw error;
  }
}

function toCall({ failureCode, failureDetail, providerId, pinnedProviderId, ...row }: CallRow): Call {
  return {
    ...row,
    providerId: providerId ?? pinnedProviderId,
    pinnedProviderId,
    failure: failureCode === null ? null : { code: failureCode, detail: failureDetail ?? '' },
  };
}
