import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { ExpiredDetails } from '../../application/ports/expired-details.port';

@Injectable()
export class DrizzleExpiredDetails extends ExpiredDetails {
  constructor(private readonly database: Database) {
    super();
  }

  clearTranscripts(olderThanMs: number, limit: number): Promise<number> {
    const cleared = sql.raw('transcript_cleared_at');
    return this.clear(cleared, sql`transcript = null, summary = null, analysis = null`, { olderThanMs, limit });
  }

  clearRecordings(olderThanMs: number, limit: number): Promise<number> {
    return this.clear(sql.raw('recording_cleared_at'), sql`recording_url = null`, { olderThanMs, limit });
  }

  /**
   * Walks the index of the records that are not cleared from its old end. Our own clock at the time of acceptance counts:
   * a vendor may tell any time as the end, or none.
   */
  private async clear(
    clearedAt: SQL,
    changes: SQL,
    { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
  ): Promise<number> {
    const { rowCount } = await this.database.current.execute(sql`
      update user_call_history set ${changes}, ${clearedAt} = clock_timestamp()
       where id = any (array(
               select id from user_call_history
                where ${clearedAt} is null and status <> 'in-progress'
                  and created_at <= statement_timestamp() - make_interval(secs => ${olderThanMs / 1_000}::float8)
                order by created_at limit ${limit} for update skip locked))`);
    return rowCount ?? 0;
  }
}
