import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type OpenAttempts, type QueueState, QueueWatch } from '../../application/ports/queue-watch.port';

/** So far a long queue is counted. */
const COUNTED = 100_000;

const QUEUED = sql.raw(`from call_queue where status = 'queued'`);

@Injectable()
export class DrizzleQueueWatch extends QueueWatch {
  constructor(private readonly database: Database) {
    super();
  }

  /**
   * The index of waiting calls is walked from its front and no further than is counted; beyond that, what the last
   * ANALYZE made of the index has to do. Each of the other numbers has a partial index that is as small as the number.
   */
  async state(): Promise<QueueState> {
    const [state] = await this.rows<QueueState>(sql`
      with waiting as (select count(*)::integer as calls from (select ${QUEUED} order by due_at, seq limit ${COUNTED}) as one),
           due as (select count(*)::integer as calls
                     from (select ${QUEUED} and due_at <= now() order by due_at, seq limit ${COUNTED}) as one),
           reserved as (select count(*)::integer as attempts, coalesce(sum(reserved_minutes), 0)::integer as minutes
                          from call_attempts where not is_settled)
      select coalesce((select is_paused from dispatch_control), false) as "isPaused",
             exists (select from dispatch_control where restored_at is not null) as "isRestored",
             case when waiting.calls < ${COUNTED} then waiting.calls
                  else greatest(waiting.calls, (select reltuples from pg_class where oid = 'call_queue_due_idx'::regclass))
             end::float8 as "queued",
             due.calls as "due",
             coalesce((select extract(epoch from clock_timestamp() - due_at) ${QUEUED} and due_at <= now()
                        order by due_at, seq limit 1), 0)::float8 as "oldestDueSeconds",
             (select count(*)::integer from call_queue where status = 'in-progress') as "inProgress",
             reserved.attempts as "openReservations", reserved.minutes as "reservedMinutes"
        from waiting, due, reserved`);
    if (!state) throw new Error('The queue could not be counted');
    return state;
  }

  openAttempts(): Promise<readonly OpenAttempts[]> {
    return this.rows<OpenAttempts>(sql`
      select provider_id as "providerId", count(*)::integer as "open",
             (count(*) filter (where state = 'unknown'))::integer as "unknown",
             ${oldest(sql`created_at`, sql`state = 'unknown'`)} as "oldestUnknownSeconds",
             ${oldest(sql`coalesce(placed_at, created_at) + make_interval(mins => reserved_minutes)`, sql`state <> 'unknown'`)} as "overdueSeconds"
        from call_attempts where state in ('placing', 'placed', 'unknown') group by provider_id`);
  }

  private async rows<Row>(statement: SQL): Promise<Row[]> {
    const { rows } = await this.database.current.execute(statement);
    return rows as Row[];
  }
}

/** Seconds since the earliest of the moments of these attempts; 0 without one, and for one that is still to come. */
function oldest(moment: SQL, attempts: SQL): SQL {
  return sql`greatest(coalesce(extract(epoch from clock_timestamp() - min(${moment}) filter (where ${attempts})), 0), 0)::float8`;
}
