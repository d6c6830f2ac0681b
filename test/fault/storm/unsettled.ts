import type { TestDatabase } from '../../support/test-database';

/** What is in progress has an attempt that is not settled: both parts are small, however many calls there were. */
export const UNSETTLED = `select id from call_queue where status = 'queued' union all select id from call_attempts where not is_settled`;
const UNENDED = `select id from call_queue where status in ('queued', 'in-progress') limit 1`;

/** Whether every call has ended, and every attempt is charged or released. */
export async function isAllOver(database: Pick<TestDatabase, 'query'>): Promise<boolean> {
  if ((await database.query(UNSETTLED)).length > 0) return false;
  return (await database.query(UNENDED)).length === 0;
}
