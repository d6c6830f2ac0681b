import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { DispatchSettings } from '../../application/dispatch-settings';
import {
  DispatchQueue,
  type DueCall,
  type NewAttempt,
  type QueueOutlook,
} from '../../application/ports/dispatch-queue.port';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import type { Failure } from '../../domain/failure';
import { callAttempts } from './call-attempts.table';

const OPEN = sql.raw(OPEN_ATTEMPT_STATES.map((state) => `'${state}'`).join(', '));

@Injectable()
export class DrizzleDispatchQueue extends DispatchQueue {
  constructor(
    private readonly database: Database,
    private readonly settings: DispatchSettings,
  ) {
    super();
  }

  async outlook(): Promise<QueueOutlook> {
    const { rows } = await this.database.current.execute<{ has_due: boolean; next_due_in_ms: number | null }>(sql`
      select exists (select from call_queue where status = 'queued' and due_at <= clock_timestamp())
               and not coalesce((select is_paused from dispatch_control), false) as has_due,
             (select ceil(extract(epoch from min(due_at) - clock_timestamp()) * 1000)::float8
                from call_queue where status = 'queued' and due_at > clock_timestamp()) as next_due_in_ms`);
    const row = rows[0];
    return { hasDue: row?.has_due ?? false, nextDueInMs: row?.next_due_in_ms ?? null };
  }

  async load(): Promise<{ openAttempts: ReadonlyMap<string, number>; isPaused: boolean }> {
    const { rows } = await this.database.current.execute<{ provider_id: string | null; open: number; is_paused: boolean }>(sql`
      select open.provider_id, coalesce(open.attempts, 0)::int as open, coalesce(control.is_paused, false) as is_paused
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
   */
  async lockDue(limit: number, usableProviderIds: readonly string[]): Promise<readonly DueCall[]> {
    const usable = sql`${sql.param(usableProviderIds)}::uuid[]`;
    const { rows } = await this.database.current.execute<DueRow>(sql`
      select queued.id, queued.user_id as "userId", queued.recipient_number as "recipientNumber",
             queued.custom_variables as "customVariables",
             case when template.id is not null then jsonb_build_object(
               'params', template.params, 'paramsOrder', template.params_order,
               'maxDurationSeconds', template.max_duration_seconds) end as template,
             coalesce(ways.routes, '[]'::jsonb) as routes,
             coalesce(ways.is_servable, false) as "isServable",
             ${this.avoided()} as "avoidProviderIds"
        from call_queue as queued
        left join call_templates as template on template.id = queued.template_id
        left join lateral (
          select bool_or(provider.is_active) as is_servable,
                 jsonb_agg(jsonb_build_object('providerId', route.provider_id, 'assistantId', route.assistant_id))
                   filter (where provider.is_active and assistant.is_active) as routes
            from ringonce.template_routes as route
            join call_service_providers as provider on provider.id = route.provider_id
            join provider_assistants as assistant on assistant.id = route.assistant_id
           where route.template_id = queued.template_id
             and (queued.pinned_provider_id is null or queued.pinned_provider_id = route.provider_id)
        ) as ways on true
       where queued.status = 'queued' and queued.due_at <= clock_timestamp()
         and (not coalesce(ways.is_servable, false)
              or exists (select from jsonb_array_elements(ways.routes) as route
                          where (route ->> 'providerId')::uuid = any (${usable})
                            and (route ->> 'providerId')::uuid <> all (${this.avoided()})))
       order by queued.due_at, queued.seq
       limit ${limit}
         for update of queued skip locked`);
    return rows;
  }

  async start(attempts: readonly NewAttempt[], claimedBy: string): Promise<void> {
    await this.database.current.insert(callAttempts).values(
      attempts.map(({ id, callQueueId, providerId, phoneNumberId, assistantId, reservedMinutes }) => ({
        id,
        callQueueId,
        providerId,
        phoneNumberId,
        assistantId,
        reservedMinutes,
        claimedBy,
      })),
    );
    await this.database.current.execute(sql`
      update call_queue as call
         set status = 'in-progress', provider_id = started.provider_id, attempts = call.attempts + 1
        from unnest(${sql.param(attempts.map(({ callQueueId }) => callQueueId))}::uuid[],
                    ${sql.param(attempts.map(({ providerId }) => providerId))}::uuid[]) as started (id, provider_id)
       where call.id = started.id`);
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

  /** The providers that could not be reached for the call a moment ago; calls without an attempt cost no look-up. */
  private avoided() {
    return sql`case when queued.attempts = 0 then '{}'::uuid[] else array(
      select attempt.provider_id from call_attempts as attempt
       where attempt.call_queue_id = queued.id and attempt.refusal = 'unreachable'
         and attempt.ended_at > clock_timestamp() - make_interval(secs => ${this.settings.breakerOpenMs / 1000})) end`;
  }
}

type DueRow = DueCall & Record<string, unknown>;
