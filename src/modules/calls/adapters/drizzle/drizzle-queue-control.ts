import { Injectable } from '@nestjs/common';
import { inArray, lte, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import { Database } from '../../../../shared/database/database';
import { CONTROL_CHANNEL, WAKE_CHANNEL } from '../../../../shared/database/wake-channel';
import { DispatchSettings } from '../../application/dispatch-settings';
import { QueueControl, type QueueNumbers, type Stopping } from '../../application/ports/queue-control.port';
import type { PendingComparison } from '../../domain/calls.errors';
import type { WaitingGroup } from '../../domain/explain-waiting';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import { avoidedProviders } from './avoided-providers';
import { callAttempts } from './call-attempts.table';
import { dispatchControl } from './dispatch-control.table';

/** How far the explanation of a long queue goes. */
const EXPLAINED = { calls: 100_000, groups: 1_000 };

const NOT_RESTORED = { restoredAt: null, comparedSince: null, comparisonAbandonedAt: null, comparedBy: null };

/** While the queue is stopped, for whatever is open; from then on for what was open until then. */
const EVER = sql`'infinity'::timestamptz`;
const UNTIL_NOW = sql`case when ${dispatchControl.hangUpBefore} = ${EVER} then clock_timestamp()
  else ${dispatchControl.hangUpBefore} end`;

type AlsoSet = PgUpdateSetSource<typeof dispatchControl>;

type NumbersRow = { [Name in keyof QueueNumbers]: QueueNumbers[Name] };

@Injectable()
export class DrizzleQueueControl extends QueueControl {
  constructor(
    private readonly database: Database,
    private readonly settings: DispatchSettings,
  ) {
    super();
  }

  /** Each number from its own partial index: the ended calls, which are most of the table, are not looked at. */
  async numbers(): Promise<QueueNumbers> {
    const { rows } = await this.database.current.execute<NumbersRow>(sql`
      with waiting as (
        select count(*) as queued,
               count(*) filter (where due_at <= now()) as due,
               extract(epoch from now() - min(due_at) filter (where due_at <= now())) as oldest_due_seconds
        from call_queue where status = 'queued'
      )
      select coalesce((select is_paused or restored_at is not null from dispatch_control), false) as "paused",
             exists (select from dispatch_control where restored_at is not null) as "isRestored",
             queued::integer as "queued", due::integer as "due",
             floor(oldest_due_seconds)::integer as "oldestDueSeconds",
             (select count(*)::integer from call_queue where status = 'in-progress') as "inProgress",
             (select count(*)::integer from call_attempts where state = 'unknown') as "unknownPlacements"
      from waiting`);
    const [numbers] = rows;
    if (!numbers) throw new Error('The queue could not be counted');
    return numbers;
  }

  /**
   * Groups first and asks for routes then: calls of one template have the same ones, so a queue of any length costs one
   * walk along the index of due calls and a look-up for each group. `now()`, because the index cannot be walked in its
   * order up to a time that changes from row to row.
   */
  async waitingGroups(): Promise<readonly WaitingGroup[]> {
    const { rows } = await this.database.current.execute<WaitingGroup & Record<string, unknown>>(sql`
      with due as (
        select queued.template_id, queued.pinned_provider_id, queued.recipient_country,
               array(select unnest(${avoidedProviders(this.settings)}) order by 1) as avoided
          from call_queue as queued
         where queued.status = 'queued' and queued.due_at <= now()
         order by queued.due_at, queued.seq
         limit ${EXPLAINED.calls}
      ), alike as (
        select template_id, pinned_provider_id, recipient_country, avoided, count(*)::integer as calls
          from due group by 1, 2, 3, 4 order by calls desc limit ${EXPLAINED.groups}
      )
      select alike.calls, alike.recipient_country as country, alike.avoided as "avoidProviderIds",
             coalesce(ways.routes, '[]'::jsonb) as routes
        from alike
        left join lateral (
          select jsonb_agg(jsonb_build_object('providerId', route.provider_id, 'isActive', provider.is_active,
                   'hasActiveAssistant', assistant.is_active)) as routes
            from ringonce.template_routes as route
            join call_service_providers as provider on provider.id = route.provider_id
            join provider_assistants as assistant on assistant.id = route.assistant_id
           where route.template_id = alike.template_id
             and (alike.pinned_provider_id is null or alike.pinned_provider_id = route.provider_id)
        ) as ways on true`);
    return rows;
  }

  async openAttempts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.current
      .select({ providerId: callAttempts.providerId, open: sql<number>`count(*)::integer` })
      .from(callAttempts)
      .where(inArray(callAttempts.state, [...OPEN_ATTEMPT_STATES]))
      .groupBy(callAttempts.providerId);
    return new Map(rows.map(({ providerId, open }) => [providerId, open]));
  }

  pause(): Promise<boolean> {
    return this.setPaused(true, 'paused by an administrator');
  }

  async stop(hangUp: boolean): Promise<Stopping> {
    const wasPaused = await this.setPaused(true, 'stopped by an administrator', hangUp ? { hangUpBefore: EVER } : {});
    const [row] = await this.database.current
      .select({ hangingUp: sql<number>`count(*)::integer` })
      .from(callAttempts)
      .innerJoin(dispatchControl, lte(callAttempts.createdAt, dispatchControl.hangUpBefore))
      .where(inArray(callAttempts.state, [...OPEN_ATTEMPT_STATES]));
    return { wasPaused, hangingUp: row?.hangingUp ?? 0 };
  }

  async pendingComparisons(): Promise<readonly PendingComparison[]> {
    await this.database.current.execute(sql`select from dispatch_control for update`);
    const { rows } = await this.database.current.execute<{ provider: string; problem: string | null }>(sql`
      select provider.name as provider, comparison.problem
        from call_service_providers as provider
        join dispatch_control as control on control.restored_at is not null and control.comparison_abandoned_at is null
        left join restored_comparisons as comparison on comparison.provider_id = provider.id
       where comparison.completed_at is null order by provider.priority, provider.name`);
    return rows;
  }

  async resume(): Promise<boolean> {
    const wasPaused = await this.setPaused(false, null, { ...NOT_RESTORED, hangUpBefore: UNTIL_NOW });
    await this.database.current.execute(sql`select pg_notify(${WAKE_CHANNEL}, '')`);
    return wasPaused;
  }

  /** @returns what it was before, read under the row's lock */
  private async setPaused(isPaused: boolean, reason: string | null, also: AlsoSet = {}): Promise<boolean> {
    const [row] = await this.database.current
      .select({ isPaused: dispatchControl.isPaused })
      .from(dispatchControl)
      .for('update');
    await this.database.current
      .insert(dispatchControl)
      .values({ isPaused, reason })
      .onConflictDoUpdate({ target: dispatchControl.id, set: { isPaused, reason, ...also } });
    await this.database.current.execute(sql`select pg_notify(${CONTROL_CHANNEL}, '')`);
    return row?.isPaused ?? false;
  }
}
