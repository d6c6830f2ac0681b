import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { DrizzleUsageReports } from '../../src/modules/billing/adapters/drizzle/drizzle-usage-reports';
import { DrizzleCallRecords } from '../../src/modules/calls/adapters/drizzle/drizzle-call-records';
import { DrizzleCallRequests } from '../../src/modules/calls/adapters/drizzle/drizzle-call-requests';
import { DrizzleCallTemplates } from '../../src/modules/calls/adapters/drizzle/drizzle-call-templates';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import type { Page } from '../../src/shared/kernel/page';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** Rows of somebody else, newer than all of ours. */
const OTHERS = 4_000;
const OWN = 60;
const LIMIT = 20;
/** A page, the row behind it, and what an index holds of them. */
const PAGE_OF_ROWS = 3 * LIMIT;

describe('a list', () => {
  let testDatabase: TestDatabase;
  let pool: Pool;
  let database: Database;
  let user: string;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    pool = new Pool({ connectionString: testDatabase.url });
    database = new Database(drizzle(pool));
    user = await testDatabase.createUser({ isActive: true });
    await fill(user, OWN, '2 hours');
    await fill(await testDatabase.createUser({ isActive: true }), OTHERS, '1 hour');
    await testDatabase.query('analyze');
  });
  afterAll(async () => {
    await pool.end();
    await testDatabase.drop();
  });

  /** Templates, queued calls, their history and their lines in the ledger, `age` old. */
  async function fill(owner: string, count: number, age: string): Promise<void> {
    await testDatabase.query(
      `with template as (
         insert into call_templates (name, created_by, created_at)
         select 'Template', $1::uuid, now() - $3::interval + number * interval '1 millisecond'
           from generate_series(1, $2::int) as number)
       insert into call_queue (user_id, recipient_number, status, created_at)
       select $1::uuid, '+12025550123', 'completed', now() - $3::interval + number * interval '1 millisecond'
         from generate_series(1, $2::int) as number`,
      [owner, count, age],
    );
    await testDatabase.query(
      `insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority)
       values ('P', 'vapi', '-', 1, 1) on conflict do nothing`,
    );
    await testDatabase.query(
      `with line as (
         insert into provider_phone_numbers (provider_id, phone_id, country_code, phone_number, full_number)
         select id, 'p', '1', '2025550100', '+12025550100' from call_service_providers
         on conflict (provider_id, phone_id) do update set is_active = true returning id, provider_id),
       assistant as (
         insert into provider_assistants (provider_id, external_id, name) select provider_id, 'a', 'A' from line
         on conflict (provider_id, external_id) do update set name = 'A' returning id),
       attempt as (
         insert into call_attempts (call_queue_id, provider_id, phone_number_id, assistant_id, state, reserved_minutes,
           claimed_by, provider_call_id, is_settled, ended_at)
         select call_queue.id, line.provider_id, line.id, assistant.id, 'ended', 1, 'test', call_queue.id::text, true, now()
           from call_queue, line, assistant where user_id = $1 returning id, call_queue_id, provider_id, phone_number_id, assistant_id)
       insert into user_call_history (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id,
         phone_number_id, recipient_number, created_at)
       select $1, call_queue_id, attempt.id, attempt.id::text, attempt.provider_id, assistant_id, phone_number_id,
         '+12025550123', call.created_at
         from attempt join call_queue as call on call.id = call_queue_id`,
      [owner],
    );
    await testDatabase.query(
      `with period as (
         insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
         select $1::uuid, id, 'active', now() - interval '1 day', now() + interval '20 days'
           from subscription_plans where slug = 'enterprise' and interval = 'monthly' returning id),
       usage as (
         insert into user_call_usage (user_id, subscription_id, billing_period_start, billing_period_end)
         select $1::uuid, id, now() - interval '1 day', now() + interval '20 days' from period returning id)
       insert into usage_ledger_entries (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes,
         reserved_calls, reserved_minutes, created_at)
       select $1::uuid, usage.id, attempt.id, attempt.call_queue_id, 'reserve', 1, 1, 1, 1, call.created_at
         from usage, call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
        where call.user_id = $1::uuid`,
      [owner],
    );
  }

  /** How many rows of the table a page was made of. The counters are those of the transaction, so they are exact. */
  async function rowsRead(table: string, list: () => Promise<Page<unknown>>): Promise<number> {
    return new DrizzleUnitOfWork(database).run(async () => {
      expect((await list()).items).toHaveLength(LIMIT);
      const { rows } = await database.current.execute<{ rows: number }>(
        `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
           from pg_stat_xact_user_tables where relname = '${table}'`,
      );
      return rows[0]?.rows ?? NaN;
    });
  }

  const page = { limit: LIMIT };
  it.each([
    ['templates', 'call_templates', () => new DrizzleCallTemplates(database).list(user, {}, page)],
    [
      'templates by a word',
      'call_templates',
      () => new DrizzleCallTemplates(database).list(user, { search: 'temp' }, page),
    ],
    ['calls', 'call_queue', () => new DrizzleCallRequests(database).list({ userId: user }, page)],
    ['history', 'user_call_history', () => new DrizzleCallRecords(database).list(user, {}, page)],
    ['usage', 'usage_ledger_entries', () => new DrizzleUsageReports(database).entries(user, page)],
  ])('of %s reads no more than its page, however much others have', async (_, table, list) => {
    expect(await rowsRead(table, list)).toBeLessThanOrEqual(PAGE_OF_ROWS);
  });
});
