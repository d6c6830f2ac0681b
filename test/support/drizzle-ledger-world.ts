import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { DrizzleAllowances } from '../../src/modules/billing/adapters/drizzle/drizzle-allowances';
import { DrizzleUsageLedger } from '../../src/modules/billing/adapters/drizzle/drizzle-usage-ledger';
import type { Limits } from '../../src/modules/billing/domain/allowance';
import type { LineKind } from '../../src/modules/billing/domain/ledger-line';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import type { LedgerWorld, RecordedPeriod } from '../contract/usage-ledger.contract';
import { createAttempt, createVendorAccount } from './attempt-rows';
import { createTestDatabase, type TestDatabase } from './test-database';

const CONNECTIONS = 20;

/** The ledger on a database of its own, with everything that its rows refer to. */
export interface DrizzleLedgerWorld extends LedgerWorld {
  readonly database: TestDatabase;
  /** Finds the unit of work around the running code. */
  readonly executor: Database;
}

export async function makeDrizzleLedgerWorld(): Promise<DrizzleLedgerWorld> {
  const database = await createTestDatabase();
  const pool = new Pool({ connectionString: database.url, max: CONNECTIONS });
  const executor = new Database(drizzle(pool));
  const unitOfWork = new DrizzleUnitOfWork(executor);
  const account = await createVendorAccount(database);
  return {
    database,
    executor,
    ledger: new DrizzleUsageLedger(executor),
    run: (work) => unitOfWork.run(work),
    subscriber: async (limits) => {
      const userId = await createSubscriber(database);
      await agree(executor, userId, limits);
      return userId;
    },
    change: (userId, limits) =>
      unitOfWork.run(async () => {
        await agree(executor, userId, limits);
        await new DrizzleAllowances(executor).refresh(userId);
      }),
    overtake: (userId, limits) => agree(executor, userId, limits),
    unsubscribe: async (userId) => {
      await database.query(`update user_subscriptions set status = 'canceled' where user_id = $1`, [userId]);
    },
    resubscribe: async (userId) => {
      await database.query(`update user_subscriptions set status = 'active' where user_id = $1`, [userId]);
    },
    renew: async (userId) => {
      await database.query(
        `update user_subscriptions set current_period_start = current_period_start + interval '1 minute' where user_id = $1`,
        [userId],
      );
    },
    wish: async (userId, minutes) => ({ ...(await createAttempt(database, account, userId)), userId, minutes }),
    periods: (userId) => readPeriods(database, userId),
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

/** On the enterprise plan limits are each user's own, so that tests don't get in each other's way. */
async function agree(executor: Database, userId: string, { calls, minutes }: Limits): Promise<void> {
  await executor.current.execute(sql`
    insert into user_plan_limits (user_id, call_limit, minutes_limit) values (${userId}, ${calls}, ${minutes})
    on conflict (user_id) do update set call_limit = excluded.call_limit, minutes_limit = excluded.minutes_limit`);
}

/** The subscription began an hour ago, so that its period can be moved without leaving the present. */
async function createSubscriber(database: TestDatabase): Promise<string> {
  const userId = await database.createUser();
  const [subscription] = await database.query<{ id: string; start: Date }>(
    `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
     select $1, id, 'active', date_trunc('second', now()) - interval '1 hour', now() + interval '27 days'
     from subscription_plans where slug = 'enterprise' and interval = 'monthly'
     returning id, current_period_start as start`,
    [userId],
  );
  if (!subscription) throw new Error('The plan is missing');
  return userId;
}

interface LineRow extends Record<string, unknown> {
  readonly attemptId: string;
  readonly kind: LineKind;
  readonly calls: number;
  readonly minutes: number;
  readonly reservedCalls: number;
  readonly reservedMinutes: number;
}

async function readPeriods(database: TestDatabase, userId: string): Promise<readonly RecordedPeriod[]> {
  const rows = await database.query<{ id: string; totals: RecordedPeriod['totals'] }>(
    `select id, jsonb_build_object(
       'calls', jsonb_build_object(
         'used', calls_used, 'reserved', calls_reserved, 'limit', calls_limit, 'remaining', calls_remaining),
       'minutes', jsonb_build_object(
         'used', minutes_used, 'reserved', minutes_reserved, 'limit', minutes_limit, 'remaining', minutes_remaining)
     ) as totals
     from user_call_usage where user_id = $1 order by billing_period_start`,
    [userId],
  );
  const periods: RecordedPeriod[] = [];
  for (const { id, totals } of rows) {
    const lines = await database.query<LineRow>(
      `select attempt_id as "attemptId", kind, calls, minutes,
         reserved_calls as "reservedCalls", reserved_minutes as "reservedMinutes"
       from usage_ledger_entries where usage_id = $1 order by seq`,
      [id],
    );
    periods.push({ totals, lines });
  }
  return periods;
}
