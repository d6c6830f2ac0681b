import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import {
  type ComparedPage,
  type Comparison,
  Comparisons,
  type ComparisonState,
} from '../../application/ports/comparisons.port';

/** A vendor's key of a page may have become void: after so many failures the first page is read again. */
const FAILURES_BEFORE_BEGINNING_ANEW = 5;

@Injectable()
export class DrizzleComparisons extends Comparisons {
  constructor(private readonly database: Database) {
    super();
  }

  async take(holder: string, forMs: number): Promise<Date | undefined> {
    const [taken] = await this.rows<{ since: number }>(sql`
      update dispatch_control
         set compared_by = ${holder}, compared_by_until = clock_timestamp() + ${milliseconds(forMs)}
       where restored_at is not null and comparison_abandoned_at is null
         and (compared_by is null or compared_by = ${holder} or compared_by_until < clock_timestamp())
         and exists (select from call_service_providers as provider
                       left join restored_comparisons as comparison on comparison.provider_id = provider.id
                      where comparison.completed_at is null)
      returning extract(epoch from compared_since)::float8 * 1000 as since`);
    return taken && new Date(taken.since);
  }

  async open(): Promise<readonly Comparison[]> {
    await this.rows(sql`
      insert into restored_comparisons (provider_id, began_at) select id, clock_timestamp() from call_service_providers
      on conflict do nothing`);
    return this.rows<Comparison>(sql`
      select provider_id as "providerId", page from restored_comparisons where completed_at is null order by provider_id`);
  }

  async advance({ providerId, page }: Comparison, done: ComparedPage, settleMs: number): Promise<ComparisonState> {
    const { next, adopted, lost } = done;
    if (next !== null) {
      await this.rows(sql`
        update restored_comparisons
           set page = ${next}, adopted = adopted + ${adopted}, lost = lost + ${lost}, problem = null, failures = 0
         where provider_id = ${providerId} and page is not distinct from ${page}::text`);
      return 'under-way';
    }
    const [over] = await this.rows<{ isComplete: boolean }>(sql`
      update restored_comparisons as comparison
         set page = null, problem = null, failures = 0, must_repeat = false, adopted = adopted + ${adopted},
             completed_at = case when ending.is_sound then clock_timestamp() end,
             began_at = case when ending.is_sound then began_at else clock_timestamp() end,
             lost = case when ending.is_sound then lost + ${lost} else 0 end
        from (select provider_id, not must_repeat and began_at >= restored_at + ${milliseconds(settleMs)} as is_sound
                from restored_comparisons, dispatch_control where provider_id = ${providerId}) as ending
       where comparison.provider_id = ending.provider_id
      returning comparison.completed_at is not null as "isComplete"`);
    return over?.isComplete === true ? 'complete' : 'repeat';
  }

  async noteProblem(providerId: string, problem: string): Promise<void> {
    const isTooMany = sql`(failures + 1) % ${FAILURES_BEFORE_BEGINNING_ANEW} = 0`;
    await this.rows(sql`
      update restored_comparisons
         set problem = ${problem}, failures = failures + 1,
             page = case when ${isTooMany} then null else page end,
             lost = case when ${isTooMany} then 0 else lost end
       where provider_id = ${providerId}`);
  }

  async noteNews(providerId: string, callId: string): Promise<void> {
    await this.rows(sql`
      update restored_comparisons
         set must_repeat = completed_at is null, completed_at = null,
             began_at = case when completed_at is null then began_at else clock_timestamp() end,
             lost = case when completed_at is null then lost else 0 end
       where provider_id = ${providerId}
         and exists (select from dispatch_control where restored_at is not null and comparison_abandoned_at is null)
         and exists (select from call_queue where id = ${callId})`);
  }

  private async rows<Row>(statement: SQL): Promise<Row[]> {
    const { rows } = await this.database.current.execute(statement);
    return rows as Row[];
  }
}

function milliseconds(span: number): SQL {
  return sql`make_interval(secs => ${span / 1000}::float8)`;
}
