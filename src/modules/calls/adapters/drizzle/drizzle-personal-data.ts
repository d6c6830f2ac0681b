import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type EndedCalls, PersonalData } from '../../application/ports/personal-data.port';
import { ERASED_NUMBER } from '../../domain/erased';

@Injectable()
export class DrizzlePersonalData extends PersonalData {
  constructor(private readonly database: Database) {
    super();
  }

  async hold(userId: string): Promise<void> {
    await this.run(sql`select from call_queue where user_id = ${userId} order by id for update`);
  }

  async endCalls(userId: string): Promise<EndedCalls> {
    await this.run(sql`
      select from call_queue where user_id = ${userId} and status in ('queued', 'in-progress') order by id for update`);
    const canceled = await this.ids(sql`
      update call_queue set status = 'canceled', ended_at = clock_timestamp()
       where user_id = ${userId} and status = 'queued' returning id`);
    const unwanted = await this.ids(sql`
      update call_queue set cancel_requested_at = clock_timestamp()
       where user_id = ${userId} and status = 'in-progress' and cancel_requested_at is null returning id`);
    const underWay = await this.run(sql`
      select from call_queue where user_id = ${userId} and status = 'in-progress'`);
    return { canceled, underWay, unwanted };
  }

  /**
   * Calls that are proven to live only afterwards are hung up. Templates lose their author before the private ones go:
   * one that becomes private in between waits for that, or goes as well.
   */
  async clear(userId: string): Promise<void> {
    await this.run(sql`
      update call_queue
         set recipient_number = ${ERASED_NUMBER}, recipient_country = null, custom_variables = '{}',
             failure_detail = case when failure_detail is not null then 'erased' end,
             cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
       where user_id = ${userId}`);
    await this.run(sql`
      update call_attempts as attempt set refusal_detail = 'erased'
        from call_queue as call
       where call.user_id = ${userId} and attempt.call_queue_id = call.id and attempt.refusal_detail is not null`);
    await this.run(sql`
      update user_call_history
         set recipient_number = ${ERASED_NUMBER}, transcript = null, summary = null, analysis = null, recording_url = null,
             transcript_cleared_at = coalesce(transcript_cleared_at, clock_timestamp()),
             recording_cleared_at = coalesce(recording_cleared_at, clock_timestamp())
       where user_id = ${userId}`);
    await this.run(sql`update call_templates set created_by = null where created_by = ${userId} and is_public`);
    await this.run(sql`delete from call_templates where created_by = ${userId}`);
    await this.run(sql`delete from idempotency_keys where subject = ${userId}`);
  }

  private async ids(statement: SQL): Promise<readonly string[]> {
    const { rows } = await this.database.current.execute<{ id: string }>(statement);
    return rows.map(({ id }) => id);
  }

  private async run(statement: SQL): Promise<number> {
    const { rowCount } = await this.database.current.execute(statement);
    return rowCount ?? 0;
  }
}
