import { Injectable } from '@nestjs/common';
import { inArray, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { QueueControl, type QueueNumbers } from '../../application/ports/queue-control.port';
import { OPEN_ATTEMPT_STATES } from '../../domain/attempt';
import { callAttempts } from './call-attempts.table';
import { dispatchControl } from './dispatch-control.table';

/** The channel that dispatchers listen on. */
const WAKE_CHANNEL = 'ringonce_calls';

type NumbersRow = { [Name in keyof QueueNumbers]: QueueNumbers[Name] };

@Injectable()
export class DrizzleQueueControl extends QueueControl {
  constructor(private readonly database: Database) {
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
      select coalesce((select is_paused from dispatch_control), false) as "paused",
             queued::integer as "queued", due::integer as "due",
             floor(oldest_due_seconds)::integer as "oldestDueSeconds",
             (select count(*)::integer from call_queue where status = 'in-progress') as "inProgress",
             (select count(*)::integer from call_attempts where state = 'unknown') as "unknownPlacements"
      from waiting`);
    const [numbers] = rows;
    if (!numbers) throw new Error('The queue could not be counted');
    return numbers;
  }

  async openAttempts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.current
      .select({ providerId: callAttempts.providerId, open: sql<number>`count(*)::integer` })
      .from(callAttempts)
      .where(inArray(callAttempts.state, [...OPEN_ATTEMPT_STATES]))
      .groupBy(callAttempts.providerId);
    return new Map(rows.map(({ providerId, open }) => [providerId, open]));
  }

  async pause(): Promise<void> {
    await this.setPaused(true, 'paused by an administrator');
  }

  async resume(): Promise<void> {
    await this.setPaused(false, null);
    await this.database.current.execute(sql`select pg_notify(${WAKE_CHANNEL}, '')`);
  }

  private async setPaused(isPaused: boolean, reason: string | null): Promise<void> {
    await this.database.current
      .insert(dispatchControl)
      .values({ isPaused, reason })
      .onConflictDoUpdate({ target: dispatchControl.id, set: { isPaused, reason } });
  }
}
