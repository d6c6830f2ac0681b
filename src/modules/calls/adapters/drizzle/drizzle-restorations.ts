import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { Restorations } from '../../application/ports/restorations.port';

/**
 * How far before the newest time in the database the comparison begins: transactions that were under way when the backup
 * was made are not in it, and the clocks of vendors, instances and the database differ.
 */
const MARGIN = sql.raw(`interval '1 hour'`);

/** The server, the timeline that a recovery to a point in time or a failover begins, and the database on it. */
const IDENTITY = sql.raw(`(
  select (select system_identifier from pg_control_system()) || ' ' ||
         substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' ' || oid
    from pg_database where datname = current_database())`);

/**
 * insufficient_privilege, undefined_function, feature_not_supported, object_not_in_prerequisite_state, internal_error:
 * hosted servers that keep their storage in another way refuse the question in one of these words.
 */
const UNTOLD: ReadonlySet<unknown> = new Set(['42501', '42883', '0A000', '55000', 'XX000']);

@Injectable()
export class DrizzleRestorations extends Restorations {
  constructor(private readonly database: Database) {
    super();
  }

  /**
   * A claim holds the locks of the providers from before it looks whether it may go on until it commits. So with these
   * locks none is between the two. A stop that hangs up was ordered for the calls of its time: where the backup was made
   * during one, the order ends here, or what went out after the stop would be hung up as soon as it is found.
   */
  async mark(since: Date | undefined): Promise<Date> {
    await this.database.current.execute(sql`select from call_service_providers order by id for update`);
    const { rows } = await this.database.current.execute<{ since: number }>(sql`
      update dispatch_control
         set is_paused = true, reason = 'restored from a backup', restored_at = clock_timestamp(),
             compared_since = least(compared_since,
                                    least(${since?.toISOString() ?? null}::timestamptz, ${NEWEST}) - ${MARGIN}),
             hang_up_before = case when isfinite(hang_up_before) then hang_up_before end,
             comparison_abandoned_at = null, compared_by = null, compared_by_until = null
      returning extract(epoch from compared_since)::float8 * 1000 as since`);
    const [marked] = rows;
    if (!marked) throw new Error('The database has no row that controls dispatch: migrate it first');
    await this.database.current.execute(sql`delete from restored_comparisons`);
    return new Date(marked.since);
  }

  async abandon(): Promise<boolean> {
    const { rows } = await this.database.current.execute(sql`
      update dispatch_control set comparison_abandoned_at = coalesce(comparison_abandoned_at, clock_timestamp())
       where restored_at is not null returning id`);
    return rows.length > 0;
  }

  /** The row is only written when there is something to note. */
  async noticeIdentity(): Promise<boolean> {
    try {
      const { rows } = await this.database.current.execute<{ was_noted: boolean }>(sql`
        with now_on as materialized (select ${IDENTITY} as identity),
             seen as (select database_identity from dispatch_control, now_on
                       where database_identity is distinct from now_on.identity for update of dispatch_control)
        update dispatch_control set database_identity = now_on.identity from now_on, seen
        returning seen.database_identity is not null and restored_at is null as was_noted`);
      return rows[0]?.was_noted ?? false;
    } catch (error) {
      if (UNTOLD.has(codeOf(error))) return false;
      throw error;
    }
  }
}

/** Of what only a dispatcher or a user's request writes; other rows change whenever an instance looks at them. */
const NEWEST = sql.raw(`coalesce(greatest(
  (select max(created_at) from call_queue), (select max(created_at) from call_attempts),
  (select max(created_at) from user_call_history), (select max(created_at) from usage_ledger_entries)), created_at)`);

/** Drizzle wraps the driver's errors. */
function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : undefined;
}
