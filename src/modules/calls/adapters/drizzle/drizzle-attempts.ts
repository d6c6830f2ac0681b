import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { literal, uuids } from '../../../../shared/database/literal';
import {
  type AttemptChange,
  type AttemptReference,
  Attempts,
  type CallChange,
  type LockedAttempt,
} from '../../application/ports/attempts.port';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import { isTerminal } from '../../domain/call-status';

const OPEN = sql.raw(OPEN_ATTEMPT_STATES.map((state) => `'${state}'`).join(', '));
const NOW = sql`clock_timestamp()`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

@Injectable()
export class DrizzleAttempts extends Attempts {
  constructor(private readonly database: Database) {
    super();
  }

  async find(references: readonly AttemptReference[]): Promise<readonly (string | undefined)[]> {
    const told = references.map(({ attemptId = '', ...reference }) => ({
      ...reference,
      attemptId: UUID.test(attemptId) ? attemptId : null,
    }));
    const { rows } = await this.database.current.execute<{ id: string | null }>(sql`
      select coalesce(
               (select id from call_attempts
                 where provider_id = told."providerId" and provider_call_id = told."providerCallId"),
               (select id from call_attempts where id = told."attemptId" and provider_id = told."providerId")) as id
        from rows from (json_to_recordset(${literal(JSON.stringify(told))}::json) as (
               "providerId" uuid, "providerCallId" text, "attemptId" uuid)) with ordinality as told
       order by told.ordinality`);
    return rows.map(({ id }) => id ?? undefined);
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
    return (await this.lockAll([attemptId])).get(attemptId);
  }

  /** Reads by a statement of its own after the locks: one that waits for them would still see what was true before. */
  async lockAll(attemptIds: readonly string[]): Promise<ReadonlyMap<string, LockedAttempt>> {
    const [, attempts] = await Promise.all([
      this.database.inTurn(sql`
        select from call_queue
         where id = any (array(select call_queue_id from call_attempts where id = any (${uuids(attemptIds)})))
         order by id for update`),
      this.readAll(attemptIds),
    ]);
    return new Map(attempts.map((attempt) => [attempt.id, attempt]));
  }

  async read(attemptId: string): Promise<LockedAttempt | undefined> {
    return (await this.readAll([attemptId]))[0];
  }

  async change(attempts: readonly AttemptChange[], calls: readonly CallChange[]): Promise<void> {
    if (attempts.length + calls.length === 0) return;
    await this.database.change(sql`
      with changed as (${attemptsChanged(attempts)})
      update call_queue as call
         set status = change.status,
             ended_at = case when change."isEnded" then ${NOW} end,
             provider_id = case when not change."isBack" then coalesce(change."providerId", call.provider_id) end,
             call_id = case when not change."isBack" then coalesce(change."providerCallId", call.call_id) end,
             failure_code = case when change."isFailureTold" then change."failureCode" else call.failure_code end,
             failure_detail = case when change."isFailureTold" then change."failureDetail" else call.failure_detail end
        from json_to_recordset(${told(calls.map(toRow))}::json) as change (
               id uuid, status text, "providerId" uuid, "providerCallId" text, "failureCode" text, "failureDetail" text,
               "isEnded" boolean, "isBack" boolean, "isFailureTold" boolean)
       where call.id = change.id`);
  }

  private readAll(attemptIds: readonly string[]): Promise<readonly LockedAttempt[]> {
    return this.database.inTurn<LockedAttempt & Record<string, unknown>>(sql`
      select attempt.id, attempt.call_queue_id as "callQueueId", call.user_id as "userId",
             attempt.provider_id as "providerId", attempt.phone_number_id as "phoneNumberId",
             attempt.assistant_id as "assistantId", call.recipient_number as "recipientNumber",
             attempt.reserved_minutes as "reservedMinutes", attempt.state, attempt.progress,
             attempt.provider_call_id as "providerCallId", attempt.outcome, attempt.is_settled as "isSettled",
             json_build_object(
               'status', call.status, 'failureCode', call.failure_code,
               'isCancelRequested', call.cancel_requested_at is not null,
               'isHangUpOrdered', coalesce(attempt.created_at <= control.hang_up_before, false),
               'lineRefusals', every_one."lineRefusals", 'accountRefusals', every_one."accountRefusals",
               'hasOtherOpenAttempt', every_one."hasOtherOpen",
               'hasOtherPlacedAttempt', every_one."hasOtherPlaced") as call
        from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
        left join dispatch_control as control on true
       cross join lateral (
         select count(*) filter (where 'line' in (one.refusal, one.outcome)) as "lineRefusals",
                count(*) filter (where 'account' in (one.refusal, one.outcome)) as "accountRefusals",
                coalesce(bool_or(one.id <> attempt.id and one.state in (${OPEN})), false) as "hasOtherOpen",
                coalesce(bool_or(one.id <> attempt.id and one.provider_call_id is not null), false) as "hasOtherPlaced"
           from call_attempts as one where one.call_queue_id = call.id) as every_one
       where attempt.id = any (${uuids(attemptIds)})`);
  }
}

function attemptsChanged(attempts: readonly AttemptChange[]) {
  return sql`
      update call_attempts as attempt
         set state = coalesce(change.state, attempt.state),
             progress = coalesce(change.progress, attempt.progress),
             provider_call_id = coalesce(change."providerCallId", attempt.provider_call_id),
             refusal = coalesce(change.refusal, attempt.refusal),
             refusal_detail = coalesce(change."refusalDetail", attempt.refusal_detail),
             outcome = coalesce(change.outcome, attempt.outcome),
             is_settled = coalesce(change."isSettled", attempt.is_settled),
             placed_at = case when change."isAccepted" then coalesce(attempt.placed_at, ${NOW}) else attempt.placed_at end,
             news_at = case when change."isNews" then ${NOW} else attempt.news_at end,
             ended_at = case when change.state is null then attempt.ended_at
                             when change.state not in (${OPEN}) then ${NOW} end
        from json_to_recordset(${told(attempts)}::json) as change (
               id uuid, state text, progress text, "providerCallId" text, refusal text, "refusalDetail" text,
               outcome text, "isSettled" boolean, "isAccepted" boolean, "isNews" boolean)
       where attempt.id = change.id`;
}

/** Vendors put numbers into what they say about a refusal: that is bound, so that it is in no log of statements. */
function told(rows: readonly { readonly refusalDetail?: unknown; readonly failureDetail?: unknown }[]): SQL {
  const json = JSON.stringify(rows);
  return rows.some((row) => row.refusalDetail ?? row.failureDetail) ? sql`${json}` : literal(json);
}

function toRow({ id, status, providerId, providerCallId, failure }: CallChange) {
  return {
    ...{ id, status, providerId, providerCallId, failureCode: failure?.code, failureDetail: failure?.detail },
    isEnded: isTerminal(status),
    isBack: status === 'queued',
    isFailureTold: failure !== undefined,
  };
}
