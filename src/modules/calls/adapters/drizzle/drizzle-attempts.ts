import { Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import {
  type AttemptChange,
  type AttemptReference,
  Attempts,
  type CallChange,
  type LockedAttempt,
} from '../../application/ports/attempts.port';
import { isOpen, OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import { isTerminal } from '../../domain/call-status';
import { callAttempts } from './call-attempts.table';
import { callQueue } from './call-queue.table';

const OPEN = sql.raw(OPEN_ATTEMPT_STATES.map((state) => `'${state}'`).join(', '));
const NOW = sql`clock_timestamp()`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

@Injectable()
export class DrizzleAttempts extends Attempts {
  constructor(private readonly database: Database) {
    super();
  }

  async find({ providerId, providerCallId, attemptId }: AttemptReference): Promise<string | undefined> {
    const ownId = attemptId !== undefined && UUID.test(attemptId) ? attemptId : null;
    const { rows } = await this.database.current.execute<{ id: string }>(sql`
      select id, 1 as choice from call_attempts where provider_id = ${providerId} and provider_call_id = ${providerCallId}
      union all
      select id, 2 from call_attempts where id = ${ownId}::uuid and provider_id = ${providerId}
      order by choice limit 1`);
    return rows[0]?.id;
  }

  async countOpen(providerId: string): Promise<number> {
    const { rows } = await this.database.current.execute<{ open: number }>(sql`
      select count(*)::int as open from call_attempts where provider_id = ${providerId} and state in (${OPEN})`);
    return rows[0]?.open ?? 0;
  }

  /** Two statements: one that waited for the locks would still see what was committed before. */
  async placingOf(claimedBy: string): Promise<readonly string[]> {
    await this.database.current.execute(sql`select from call_service_providers order by id for no key update`);
    const { rows } = await this.database.current.execute<{ id: string }>(sql`
      select id from call_attempts where claimed_by = ${claimedBy} and state = 'placing'`);
    return rows.map(({ id }) => id);
  }

  async lock(attemptId: string): Promise<LockedAttempt | undefined> {
    await this.database.current.execute(sql`
      select from call_queue where id = (select call_queue_id from call_attempts where id = ${attemptId}) for update`);
    return this.read(attemptId);
  }

  /** A statement of its own after the lock: one that waits for the lock would still see what was true before. */
  async read(attemptId: string): Promise<LockedAttempt | undefined> {
    const { rows } = await this.database.current.execute<LockedAttempt & Record<string, unknown>>(sql`
      select attempt.id, attempt.call_queue_id as "callQueueId", call.user_id as "userId",
             attempt.provider_id as "providerId", attempt.phone_number_id as "phoneNumberId",
             attempt.assistant_id as "assistantId", call.recipient_number as "recipientNumber",
             attempt.reserved_minutes as "reservedMinutes", attempt.state, attempt.progress,
             attempt.provider_call_id as "providerCallId", attempt.outcome, attempt.is_settled as "isSettled",
             jsonb_build_object(
               'status', call.status, 'failureCode', call.failure_code,
               'isCancelRequested', call.cancel_requested_at is not null,
               'lineRefusals', ${refusals('line')}, 'accountRefusals', ${refusals('account')},
               'hasOtherOpenAttempt', exists (
                 select from call_attempts as other
                  where other.call_queue_id = call.id and other.id <> attempt.id and other.state in (${OPEN}))) as call
        from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
       where attempt.id = ${attemptId}`);
    return rows[0];
  }

  async changeAttempt(attemptId: string, change: AttemptChange, isNews = false): Promise<void> {
    await this.database.current
      .update(callAttempts)
      .set({
        ...change,
        ...(change.state === 'placed' ? { placedAt: sql`coalesce(placed_at, ${NOW})`, endedAt: null } : {}),
        ...(change.state && !isOpen(change.state) ? { endedAt: NOW } : {}),
        ...(isNews ? { newsAt: NOW } : {}),
      })
      .where(eq(callAttempts.id, attemptId));
  }

  async changeCall(callQueueId: string, { status, providerId, providerCallId, failure }: CallChange): Promise<void> {
    await this.database.current
      .update(callQueue)
      .set({
        status,
        endedAt: isTerminal(status) ? NOW : null,
        ...(status === 'queued' ? { callId: null, providerId: null } : {}),
        ...(providerId === undefined ? {} : { providerId }),
        ...(providerCallId === undefined ? {} : { callId: providerCallId }),
        ...(failure === undefined ? {} : { failureCode: failure?.code ?? null, failureDetail: failure?.detail ?? null }),
      })
      .where(eq(callQueue.id, callQueueId));
  }
}

/** How many attempts of `call` ended for the reason without ringing, at once or after the acceptance. */
function refusals(reason: 'line' | 'account') {
  return sql`(select count(*)::int from call_attempts as refused
    where refused.call_queue_id = call.id and ${reason} in (refused.refusal, refused.outcome))`;
}
