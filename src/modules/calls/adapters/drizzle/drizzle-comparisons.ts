import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import {
  type ComparedPage,
  type ComparedRestore,
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

  async take(holder: string, forMs: number): Promise<ComparedRestore | undefined> {
    const [taken] = await this.rows<{ since: number; markedAt: number }>(sql`
      update dispatch_control
         set compared_by = ${holder}, compared_by_until = clock_timestamp() + ${milliseconds(forMs)}
       where restored_at is not null and comparison_abandoned_at is null
         and (compared_by is null or compared_by = ${holder} or compared_by_until < clock_timestamp())
         and exists (select from call_service_providers as provider
                       left join restored_comparisons as comparison on comparison.provider_id = provider.id
                      where comparison.completed_at is null)
      returning extract(epoch from compared_since)::float8 * 1000 as since,
                extract(epoch from restored_at)::float8 * 1000 as "markedAt"`);
    return taken && { since: new Date(taken.since), markedAt: new Date(taken.markedAt) };
  }

  async open(): Promise<readonly Comparison[]> {
    await this.rows(sql`
      insert into restored_comparisons (provider_id, began_at)
      select id, clock_timestamp() from call_service_providers order by id on conflict do nothing`);
    return this.rows<Comparison>(sql`
      select provider_id as "providerId", began_at::text as look, page
        from restored_comparisons where completed_at is null order by provider_id`);
  }

  async advance(comparison: Comparison, done: ComparedPage, settleMs: number): Promise<ComparisonState> {
    const { next, adopted, lost, live } = done;
    if (next === null) return this.end(comparison, done, settleMs);
    const noted = await this.rows(sql`
      update restored_comparisons
         set page = ${next}, adopted = adopted + ${adopted}, lost = lost + ${lost}, live = live + ${live},
             problem = case when failures = 0 then problem end, failures = 0
       where ${isStill(comparison)} returning provider_id`);
    return noted.length > 0 ? 'under-way' : 'overtaken';
  }

  private async end(
    comparison: Comparison,
    { adopted, lost, live }: ComparedPage,
    settleMs: number,
  ): Promise<ComparisonState> {
    const [over] = await this.rows<{ isComplete: boolean }>(sql`
      update restored_comparisons as comparison
         set page = null, failures = 0, must_repeat = false, adopted = adopted + ${adopted}, live = 0,
             problem = ${describeLive(sql`comparison.live + ${live}`)},
             completed_at = case when ending.is_sound then clock_timestamp() end,
             began_at = case when ending.is_sound then began_at else clock_timestamp() end,
             lost = case when ending.is_sound then lost + ${lost} else 0 end
        from (select provider_id as id,
                     not must_repeat and live + ${live} = 0
                       and began_at >= restored_at + ${milliseconds(settleMs)} as is_sound
                from restored_comparisons, dispatch_control where ${isStill(comparison)}) as ending
       where provider_id = ending.id and ${isStill(comparison)}
      returning comparison.completed_at is not null as "isComplete"`);
    if (!over) return 'overtaken';
    return over.isComplete ? 'complete' : 'repeat';
  }

  async noteProblem(comparison: Comparison, problem: string): Promise<void> {
    const isTooMany = sql`(failures + 1) % ${FAILURES_BEFORE_BEGINNING_ANEW} = 0`;
    await this.rows(sql`
      update restored_comparisons
         set problem = ${problem}, failures = failures + 1,
             page = case when ${isTooMany} then null else page end,
             began_at = case when ${isTooMany} then clock_timestamp() else began_at end,
             lost = case when ${isTooMany} then 0 else lost end,
             live = case when ${isTooMany} then 0 else live end
       where ${isStill(comparison)}`);
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

/** An instance that has lost its turn must not end another's look, nor answer what was told since. */
function isStill({ providerId, look, page }: Comparison): SQL {
  return sql`provider_id = ${providerId} and completed_at is null and began_at = ${look}::timestamptz
    and page is not distinct from ${page}::text`;
}

function describeLive(live: SQL): SQL {
  return sql`case ${live} when 0 then null
    when 1 then '1 call is still under way at the vendor that holds no slot here'
    else ${live} || ' calls are still under way at the vendor that hold no slot here' end`;
}

function milliseconds(span: number): SQL {
  return sql`make_interval(secs => ${span / 1000}::float8)`;
}
