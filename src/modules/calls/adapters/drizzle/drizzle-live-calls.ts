import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type LiveCall, LiveCalls, type OpenAttempt, type SilentCall, type UnknownPlacement, type UnmeasuredCall } from '../../application/ports/live-calls.port';

/** Clocks of a vendor and of the database may differ by this much when a placement is searched for by time. */
const CLOCK_MARGIN_MS = 300_000;

/** While a restored database waits for its vendors' word, nothing is closed for want of it. */
const IS_NOT_RESTORED = sql`not exists (select from dispatch_control where restored_at is not null)`;

const OPEN_ATTEMPT = sql`attempt.id as "attemptId", attempt.call_queue_id as "callQueueId",
  attempt.provider_id as "providerId"`;
const LIVE_CALL = sql`${OPEN_ATTEMPT}, attempt.provider_call_id as "providerCallId"`;

/** Whether the call of `attempt` is to be ended: its user has asked for it, or an emergency stop has ordered it. */
const IS_UNWANTED = sql`(call.cancel_requested_at is not null
  or attempt.created_at <= (select hang_up_before from dispatch_control))`;

@Injectable()
export class DrizzleLiveCalls extends LiveCalls {
  constructor(private readonly database: Database) {
    super();
  }

  async toHangUp(callQueueId: string): Promise<LiveCall | undefined> {
    const [live] = await this.rows<LiveCall>(sql`
      update call_attempts as attempt set hang_up_at = clock_timestamp()
        from call_queue as call
       where call.id = ${callQueueId} and attempt.call_queue_id = call.id and ${IS_UNWANTED}
         and attempt.provider_call_id is not null and attempt.progress is distinct from 'ended'
      returning ${LIVE_CALL}`);
    return live;
  }

  async takeHangUps(againAfterMs: number, limit: number): Promise<readonly LiveCall[]> {
    return this.rows<LiveCall>(sql`
      update call_attempts as attempt set hang_up_at = clock_timestamp()
       where attempt.id = any (array(
               select attempt.id
                 from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
                where attempt.state = 'placed' and attempt.provider_call_id is not null
                  and call.status = 'in-progress' and ${IS_UNWANTED}
                  and (attempt.hang_up_at is null or attempt.hang_up_at < ${ago(againAfterMs)})
                order by attempt.hang_up_at nulls first limit ${limit} for update of attempt skip locked))
      returning ${LIVE_CALL}`);
  }

  async orphanPlacing(olderThanMs: number): Promise<readonly OpenAttempt[]> {
    return this.rows<OpenAttempt>(sql`
      update call_attempts as attempt set state = 'unknown'
       where id = any (array(
               select id from call_attempts where state = 'placing' and created_at < ${ago(olderThanMs)}
                  for update skip locked)) returning ${OPEN_ATTEMPT}`);
  }

  async takeUnknown(againAfterMs: number, limit: number): Promise<readonly UnknownPlacement[]> {
    const taken = await this.rows<UnknownRow>(sql`
      update call_attempts as attempt
         set asked_at = clock_timestamp(), sought_since = coalesce(attempt.sought_since, clock_timestamp())
        from call_queue as call, provider_phone_numbers as number
       where call.id = attempt.call_queue_id and number.id = attempt.phone_number_id and attempt.id = any (array(
               select id from call_attempts
                where state = 'unknown' and (asked_at is null or asked_at < ${ago(againAfterMs)})
                order by asked_at nulls first limit ${limit} for update skip locked))
      returning ${OPEN_ATTEMPT}, call.recipient_number as "to",
                number.phone_id as "fromExternalId", extract(epoch from attempt.created_at)::float8 * 1000 as "createdAtMs"`);
    return taken.map(({ callQueueId, providerId, createdAtMs, ...query }) => ({
      attemptId: query.attemptId,
      callQueueId,
      providerId,
      query: {
        ...query,
        since: new Date(createdAtMs - CLOCK_MARGIN_MS),
        until: new Date(createdAtMs + CLOCK_MARGIN_MS),
      },
    }));
  }

  async noteNotFound(attemptId: string): Promise<void> {
    await this.rows(sql`update call_attempts set asked = asked + 1 where id = ${attemptId} and state = 'unknown'`);
  }

  async unprovenSince(olderThanMs: number, lookups: number, hopelessAfterMs: number): Promise<readonly OpenAttempt[]> {
    return this.rows<OpenAttempt>(sql`
      select ${OPEN_ATTEMPT} from call_attempts as attempt
       where state = 'unknown' and ((sought_since < ${ago(olderThanMs)} and asked >= ${lookups})
                                    or sought_since < ${ago(hopelessAfterMs)})
         and ${IS_NOT_RESTORED}
       order by created_at`);
  }

  async takeSilent(silentMs: number, limit: number): Promise<readonly SilentCall[]> {
    return this.rows<SilentCall>(sql`
      update call_attempts as attempt set asked_at = clock_timestamp()
       where attempt.id = any (array(
               select id from call_attempts
                where not is_settled and provider_call_id is not null
                  and coalesce(news_at, placed_at, created_at) < ${ago(silentMs)}
                  and (asked_at is null or asked_at < ${ago(silentMs)})
                order by asked_at nulls first limit ${limit} for update skip locked))
      returning ${LIVE_CALL}, attempt.state = 'ended' as "isOver"`);
  }

  async overstayed(graceMs: number): Promise<readonly LiveCall[]> {
    return this.rows<LiveCall>(sql`
      select ${LIVE_CALL} from call_attempts as attempt
       where attempt.state = 'placed' and attempt.provider_call_id is not null
         and attempt.placed_at + make_interval(mins => attempt.reserved_minutes) < ${ago(graceMs)}
         and ${IS_NOT_RESTORED}`);
  }

  async unmeasuredSince(olderThanMs: number): Promise<readonly UnmeasuredCall[]> {
    return this.rows(sql`
      select ${OPEN_ATTEMPT}, extract(epoch from ended_at - created_at)::float8 as "atMostSeconds"
        from call_attempts as attempt
       where not is_settled and state = 'ended' and ended_at < ${ago(olderThanMs)} and ${IS_NOT_RESTORED}`);
  }

  private async rows<Row>(statement: SQL): Promise<Row[]> {
    const { rows } = await this.database.current.execute(statement);
    return rows as Row[];
  }
}

interface UnknownRow extends OpenAttempt {
  readonly to: string;
  readonly fromExternalId: string;
  readonly createdAtMs: number;
}

function ago(milliseconds: number): SQL {
  return sql`clock_timestamp() - make_interval(secs => ${milliseconds / 1000}::float8)`;
}
