import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import type { PlacedCall } from '../../../providers/public/call-provider.port';
import { type AdoptedAttempt, Adoptions, type AttemptParties } from '../../application/ports/adoptions.port';
import type { LiveCall } from '../../application/ports/live-calls.port';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import type { AdoptableCall } from '../../domain/plan-adoption';

const OPEN = sql.raw(OPEN_ATTEMPT_STATES.map((state) => `'${state}'`).join(', '));

/** Who opened an attempt that the comparison has written down. */
const CLAIMED_BY = 'restore';
const CLOSED = {
  code: 'placement_unknown',
  detail: 'The call took place, but what became of it is lost with a restored database.',
};

@Injectable()
export class DrizzleAdoptions extends Adoptions {
  constructor(private readonly database: Database) {
    super();
  }

  async isQueued(callId: string): Promise<boolean> {
    const { rows } = await this.database.current.execute(
      sql`select from call_queue where id = ${callId} and status = 'queued'`,
    );
    return rows.length > 0;
  }

  async openPlaced(callId: string): Promise<LiveCall | undefined> {
    const { rows } = await this.database.current.execute<LiveCall & Record<string, unknown>>(sql`
      select id as "attemptId", call_queue_id as "callQueueId", provider_id as "providerId",
             provider_call_id as "providerCallId"
        from call_attempts where call_queue_id = ${callId} and state = 'placed' and provider_call_id is not null`);
    return rows[0];
  }

  async placedBy(providerId: string, placed: PlacedCall): Promise<string> {
    const { providerId: named = null, fromExternalId = null } = placed;
    const { rows } = await this.database.current.execute<{ id: string }>(sql`
      select id from (
        select id, 1 as choice from call_service_providers where id = ${named}::uuid
        union all
        select provider.id, case provider.id when ${providerId} then 2 else 3 end
          from provider_phone_numbers as number
          join call_service_providers as provider on provider.id = number.provider_id
         where number.phone_id = ${fromExternalId}
           and provider.driver = (select driver from call_service_providers where id = ${providerId})) as candidate
       order by choice, id limit 1`);
    return rows[0]?.id ?? providerId;
  }

  /** Whoever marks holds the providers before the mark; an attempt refers to its provider, which locks it as well. */
  async holdMark(providerId: string): Promise<boolean> {
    await this.database.current.execute(
      sql`select from call_service_providers where id = ${providerId} for key share`,
    );
    const { rows } = await this.database.current.execute<{ isMarked: boolean }>(sql`
      select restored_at is not null and comparison_abandoned_at is null as "isMarked" from dispatch_control for share`);
    return rows[0]?.isMarked ?? false;
  }

  /** Two statements: one that waited for the lock would still see the attempts as they were before. */
  async lockCall(callId: string, attemptId: string): Promise<AdoptableCall | undefined> {
    await this.database.current.execute(sql`select from call_queue where id = ${callId} for update`);
    const { rows } = await this.database.current.execute<AdoptableCall & Record<string, unknown>>(sql`
      select call.id, call.user_id as "userId", call.status, call.recipient_number as "recipientNumber", template.max_duration_seconds as "maxDurationSeconds",
             (select jsonb_build_object('id', id, 'state', state, 'isOfNow', created_at > coalesce(
                       (select restored_at from dispatch_control), '-infinity'))
                from call_attempts where call_queue_id = call.id and state in (${OPEN})) as "openAttempt",
             exists (select from call_attempts where id = ${attemptId}) as "hasAttempt",
             exists (select from call_attempts
                      where call_queue_id = call.id and provider_call_id is not null) as "wasPlaced"
        from call_queue as call left join call_templates as template on template.id = call.template_id
       where call.id = ${callId}`);
    return rows[0];
  }

  async parties(providerId: string, placed: PlacedCall): Promise<AttemptParties | undefined> {
    const { fromExternalId = null, assistantExternalId = null } = placed;
    const { rows } = await this.database.current.execute<Nullable<AttemptParties>>(sql`
      select (select id from provider_phone_numbers where provider_id = ${providerId}
               order by phone_id is not distinct from ${fromExternalId} desc, is_active desc, id limit 1) as "phoneNumberId",
             (select id from provider_assistants where provider_id = ${providerId}
               order by external_id is not distinct from ${assistantExternalId} desc, is_active desc, id limit 1) as "assistantId"`);
    const { phoneNumberId, assistantId } = rows[0] ?? {};
    return phoneNumberId && assistantId ? { phoneNumberId, assistantId } : undefined;
  }

  async giveUp(attemptId: string): Promise<string> {
    const { rows } = await this.database.current.execute<{ provider_id: string }>(sql`
      update call_attempts set state = 'ended', is_settled = true, ended_at = clock_timestamp() where id = ${attemptId}
      returning provider_id`);
    const [closed] = rows;
    if (!closed) throw new Error(`Attempt ${attemptId} is gone`);
    return closed.provider_id;
  }

  async add(attempt: AdoptedAttempt): Promise<void> {
    const { id, callQueueId, providerId, phoneNumberId, assistantId, state, reservedMinutes } = attempt;
    const createdAt = attempt.createdAt?.toISOString() ?? null;
    await this.database.current.execute(sql`
      insert into call_attempts (id, call_queue_id, provider_id, phone_number_id, assistant_id, state, reserved_minutes,
                                 claimed_by, created_at, ended_at)
      values (${id}, ${callQueueId}, ${providerId}, ${phoneNumberId}, ${assistantId}, ${state}, ${reservedMinutes},
              ${CLAIMED_BY}, least(coalesce(${createdAt}::timestamptz, clock_timestamp()), clock_timestamp()),
              case when ${state} = 'ended' then clock_timestamp() end)`);
    const isFollowed = state === 'unknown';
    await this.database.current.execute(sql`
      update call_queue
         set attempts = attempts + 1,
             status = case when ${isFollowed} then 'in-progress' else status end,
             provider_id = case when ${isFollowed} then ${providerId}::uuid else provider_id end
       where id = ${callQueueId}`);
  }

  async close(callId: string): Promise<string | undefined> {
    const { rowCount } = await this.database.current.execute(sql`
      update call_queue set status = 'failed', failure_code = ${CLOSED.code}, failure_detail = ${CLOSED.detail},
                            ended_at = clock_timestamp()
       where id = ${callId} and status in ('queued', 'in-progress')`);
    return rowCount === 1 ? CLOSED.code : undefined;
  }
}

type Nullable<Value> = { [Key in keyof Value]: Value[Key] | null };
