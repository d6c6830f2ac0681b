import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { literal, uuids } from '../../../../shared/database/literal';
import { DispatchSettings } from '../../application/dispatch-settings';
import {
  DispatchQueue,
  type DueCall,
  type NewAttempt,
  type QueueOutlook,
  type UsableProvider,
} from '../../application/ports/dispatch-queue.port';
import type { Failure } from '../../domain/failure';

/** Nothing else is any call's country, nor could it travel in a statement's text. */
const COUNTRY = /^[A-Z]{2}$/;

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

  async load(): Promise<{ openAttempts: ReadonlyMap<string, number>; isPaused: boolean }> {
    const rows = await this.database.inTurn<LoadRow>(sql`select * from ringonce.open_attempts()`);
    const openAttempts = new Map(rows.flatMap(({ providerId, open }) => (providerId ? [[providerId, open] as const] : [])));
    return { openAttempts, isPaused: rows[0]?.isPaused ?? false };
  }

  /**
   * Locking: only `call_queue` rows, passing over those of other claims. A provider that could not be reached for a
   * call is no way for that call until its breaker would be probed again; that is what sends the call to the next
   * provider, and what keeps it from trying the same one in a loop.
   */
  lockDue(limit: number, usable: readonly UsableProvider[]): Promise<readonly DueCall[]> {
    const idsOf = (some: readonly UsableProvider[]) => uuids(some.map(({ id }) => id));
    const limited = usable.filter(({ destinations }) => destinations !== null);
    const unlimited = usable.filter((one) => !limited.includes(one));
    const destinations = limited.flatMap(({ id, destinations: some }) =>
      (some ?? []).filter((country) => COUNTRY.test(country)).map((country) => `"${id} ${country}"`),
    );
    return this.database.inTurn<DueRow>(sql`
      select * from ringonce.lock_due_calls(
        ${sql.raw(String(limit))}, ${idsOf(usable)}, ${idsOf(unlimited)}, ${idsOf(limited)},
        ${literal(`{${destinations.join(',')}}`)}, ${sql.raw(String(this.settings.breakerOpenMs / 1_000))})`);
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
    await this.database.change(
      sql`select ringonce.start_attempts(${literal(JSON.stringify(attempts))}, ${literal(claimedBy)})`,
    );
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

type DueRow = DueCall & Record<string, unknown>;

interface LoadRow extends Record<string, unknown> {
  readonly providerId: string | null;
  readonly open: number;
  readonly isPaused: boolean;
}
