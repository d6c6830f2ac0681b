import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { DispatchSettings } from '../../application/dispatch-settings';
import {
  DispatchQueue,
  type DueCall,
  type NewAttempt,
  type QueueOutlook,
  type UsableProvider,
} from '../../application/ports/dispatch-queue.port';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import type { Failure } from '../../domain/failure';
import { avoidedProviders } from './avoided-providers';

const OPEN = sql.raw(OPEN_ATTEMPT_STATES.map((state) => `'${state}'`).join(', '));

/** Every way to say a template: by which provider and assistant, and whether that is open just now. */
const WAY = sql`way as materialized (
  select route.template_id, route.provider_id, route.assistant_id, provider.is_active and assistant.is_active as is_open
    from ringonce.template_routes as route
    join call_service_providers as provider on provider.id = route.provider_id
    join provider_assistants as assistant on assistant.id = route.assistant_id)`;

@Injectable()
export class DrizzleDispatchQueue extends DispatchQueue {
  constructor(
    private readonly database: Database,
    private readonly settings: DispatchSettings,
  ) {
    super();
  }

  /** Two looks at the ends of the index. The statement's clock, here and below: the other one is no index condition. */
  async outlook(): Promise<QueueOutlook> {
    const { rows } = await this.database.current.execute<{ has_due: boolean; next_due_in_ms: number | null }>(sql`
      select coalesce((select min(due_at) from call_queue where status = 'queued') <= statement_timestamp(), false)
               and not coalesce((select is_paused or restored_at is not null from dispatch_control), false) as has_due,
             (select ceil(extract(epoch from min(due_at) - statement_timestamp()) * 1000)::float8
                from call_queue where status = 'queued' and due_at > statement_timestamp()) as next_due_in_ms`);
    const row = rows[0];
    return { hasDue: row?.has_due ?? false, nextDueInMs: row?.next_due_in_ms ?? null };
  }

  /**
   * Right after many calls were queued the statistics do not know them: `lockDue` would then sort all that are due, once
   * for each claim, where an index has them in order. So sorting is made dear for it, and it takes that back.
   */
  async load(): Promise<{ openAttempts: ReadonlyMap<string, number>; isPaused: boolean }> {
    const { rows } = await this.database.current.execute<{ provider_id: string | null; open: number; is_paused: boolean }>(sql`
      select set_config('enable_sort', 'off', true), open.provider_id, coalesce(open.attempts, 0)::int as open,
             coalesce(control.is_paused or control.restored_at is not null, false) as is_paused
        from (select true) as always
        left join dispatch_control as control on true
        left join (select provider_id, count(*) as attempts from call_attempts
                    where state in (${OPEN}) group by provider_id) as open on true`);
    const openAttempts = new Map(rows.flatMap((row) => (row.provider_id ? [[row.provider_id, row.open] as const] : [])));
    return { openAttempts, isPaused: rows[0]?.is_paused ?? false };
  }

  /**
   * Locking: only `call_queue` rows, passing over those of other claims. A provider that could not be reached for a
   * call is no way for that call until its breaker would be probed again; that is what sends the call to the next
   * provider, and what keeps it from trying the same one in a loop.
   *
   * Cost: the ways of all templates are read once (`way`), so that calls which nobody can take now are passed over by
   * a hashed look-up each, however many wait; only those that pass it are looked at closely. A row that still has an
   * open attempt is never taken, whoever has put it back to `queued`.
   */
  async lockDue(limit: number, usable: readonly UsableProvider[]): Promise<readonly DueCall[]> {
    const { rows } = await this.database.current.execute<DueRow>(sql`
      with ${WAY}
      select queued.id, queued.user_id as "userId", queued.recipient_number as "recipientNumber",
             queued.custom_variables as "customVariables",
             case when template.id is not null then jsonb_build_object(
               'params', template.params, 'paramsOrder', template.params_order,
               'maxDurationSeconds', template.max_duration_seconds) end as template,
             coalesce(ways.routes, '[]'::jsonb) as routes,
             ways.is_servable is not null as "isServable",
             ${avoidedProviders(this.settings)} as "avoidProviderIds",
             (select set_config('enable_sort', 'on', true)) as "sorts"
        from call_queue as queued
        left join call_templates as template on template.id = queued.template_id
        left join lateral (
          select true as is_servable,
                 jsonb_agg(jsonb_build_object('providerId', way.provider_id, 'assistantId', way.assistant_id))
                   filter (where way.is_open) as routes
            from way
           where way.template_id = queued.template_id
             and (queued.pinned_provider_id is null or queued.pinned_provider_id = way.provider_id)
          having count(*) > 0
        ) as ways on true
       where queued.status = 'queued' and queued.due_at <= statement_timestamp()
         and ${canBeDealtWith(usable)}
         and (ways.is_servable is null
              or exists (select from jsonb_array_elements(ways.routes) as route
                          where ${mayServe(usable)}
                            and (route ->> 'providerId')::uuid <> all (${avoidedProviders(this.settings)})))
         and (queued.attempts = 0
              or not exists (select from call_attempts as open
                              where open.call_queue_id = queued.id and open.state in (${OPEN})))
       order by queued.due_at, queued.seq
       limit ${limit}
         for update of queued skip locked`);
    return rows;
  }

  async noteCountries(calls: readonly { readonly callId: string; readonly country: string }[]): Promise<void> {
    if (calls.length === 0) return;
    await this.database.current.execute(sql`
      update call_queue as call set recipient_country = noted.country
        from unnest(${sql.param(calls.map(({ callId }) => callId))}::uuid[],
                    ${sql.param(calls.map(({ country }) => country))}::text[]) as noted (id, country)
       where call.id = noted.id`);
  }

  async start(attempts: readonly NewAttempt[], claimedBy: string): Promise<void> {
    if (attempts.length === 0) return;
    await this.database.current.execute(sql`
      with started as (
        insert into call_attempts
          (id, call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
        select id, "callQueueId", "providerId", "phoneNumberId", "assistantId", "reservedMinutes", ${claimedBy}
          from json_to_recordset(${JSON.stringify(attempts)}::json) as attempt (
                 id uuid, "callQueueId" uuid, "providerId" uuid, "phoneNumberId" uuid, "assistantId" uuid,
                 "reservedMinutes" integer)
        returning call_queue_id, provider_id
      )
      update call_queue as call
         set status = 'in-progress', provider_id = started.provider_id, attempts = call.attempts + 1
        from started where call.id = started.call_queue_id`);
  }

  async fail(failures: readonly { readonly callId: string; readonly failure: Failure }[]): Promise<void> {
    if (failures.length === 0) return;
    await this.database.current.execute(sql`
      update call_queue as call
         set status = 'failed', failure_code = failed.code, failure_detail = failed.detail, ended_at = clock_timestamp()
        from unnest(${sql.param(failures.map(({ callId }) => callId))}::uuid[],
                    ${sql.param(failures.map(({ failure }) => failure.code))}::text[],
                    ${sql.param(failures.map(({ failure }) => failure.detail))}::text[]) as failed (id, code, detail)
       where call.id = failed.id`);
  }
}

/** Whether a usable provider has an open way for `queued`, or none has any; a look-up in hashed sets, not a query per row. */
function canBeDealtWith(usable: readonly UsableProvider[]) {
  const isUsable = sql`is_open and provider_id = any (${sql.param(usable.map(({ id }) => id))}::uuid[])`;
  return sql`(queued.template_id is null
    or case when queued.pinned_provider_id is null
         then queued.template_id in (select template_id from way where ${isUsable})
              or queued.template_id not in (select template_id from way)
         else (queued.template_id, queued.pinned_provider_id) in (select template_id, provider_id from way where ${isUsable})
              or (queued.template_id, queued.pinned_provider_id) not in (select template_id, provider_id from way)
       end)`;
}

/** Whether the provider of `route` is usable for the country of `queued`, which may be unknown yet. */
function mayServe(usable: readonly UsableProvider[]) {
  const idsOf = (some: readonly UsableProvider[]) => sql`${sql.param(some.map(({ id }) => id))}::uuid[]`;
  const limited = usable.filter(({ destinations }) => destinations !== null);
  const pairs = limited.flatMap(({ id, destinations }) => (destinations ?? []).map((country) => `${id} ${country}`));
  return sql`((route ->> 'providerId')::uuid = any (${idsOf(usable.filter((one) => !limited.includes(one)))})
    or ((route ->> 'providerId')::uuid = any (${idsOf(limited)})
      and (queued.recipient_country is null
        or (route ->> 'providerId') || ' ' || queued.recipient_country = any (${sql.param(pairs)}::text[]))))`;
}

type DueRow = DueCall & Record<string, unknown>;
