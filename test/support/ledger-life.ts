import { drizzle } from 'drizzle-orm/node-postgres';
import { sql, type SQL } from 'drizzle-orm';
import fc from 'fast-check';
import { Pool, type QueryResultRow } from 'pg';
import { currentAllowances } from '../../src/modules/billing/adapters/drizzle/current-allowances';
import { DrizzleAllowances } from '../../src/modules/billing/adapters/drizzle/drizzle-allowances';
import { DrizzleSubscriptions } from '../../src/modules/billing/adapters/drizzle/drizzle-subscriptions';
import { DrizzleUsageLedger } from '../../src/modules/billing/adapters/drizzle/drizzle-usage-ledger';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { Gate } from './interleaving';
import { CLOCK_OPTIONS } from './ledger-clock';

/** Mostly the first of two, so that both connections meet. */
const who = fc.constantFrom<number>(0, 0, 0, 1);
const planId = (slug: string) => sql`(select id from subscription_plans where slug = ${slug} and interval = 'monthly')`;
const plan = fc.constantFrom('free', 'basic', 'business', 'enterprise');
const minutes = fc.integer({ min: 1, max: 9 });
const limit = fc.option(fc.integer({ min: 0, max: 20 }));

/** What happens to a user's subscription in one unit of work. */
export const change = fc.oneof(
  fc.record({ act: fc.constant('switch' as const), who, plan }),
  fc.record({ act: fc.constant('begin' as const), who, plan, length: fc.constantFrom('1 month', '10 days', '1 year') }),
  fc.record({ act: fc.constant('comeBack' as const), who, plan }),
  fc.record({ act: fc.constant('rollOver' as const), who }),
  fc.record({ act: fc.constant('owe' as const), who, days: fc.option(fc.nat(3), { freq: 5 }) }),
  fc.record({ act: fc.constant('schedule' as const), who, plan: fc.option(plan) }),
  fc.record({ act: fc.constant('agree' as const), who, calls: limit, minutes: limit }),
  fc.record({ act: fc.constant('disagree' as const), who }),
  fc.record({ act: fc.constant('leave' as const), who }),
);
export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** What happens to an attempt in one unit of work. `which` picks one of all, whether or not it has reserved. */
export const ending = fc.record({
  act: fc.constantFrom('settle' as const, 'release' as const, 'chargeLate' as const),
  which: fc.oneof(fc.nat(3), fc.nat(50)),
  minutes,
});
export type Ending = typeof ending extends fc.Arbitrary<infer T> ? T : never;

export const claim = fc.record({
  act: fc.constant('reserve' as const),
  wishes: fc.array(fc.record({ who, minutes }), { minLength: 1, maxLength: 3 }),
});
export type Claim = typeof claim extends fc.Arbitrary<infer T> ? T : never;

/** One connection, with everything that works on it. */
export async function openConnection(url: string) {
  const pool = new Pool({ connectionString: url, max: 1, options: CLOCK_OPTIONS, idleTimeoutMillis: 0 });
  const gate = new Gate(pool);
  const database = new Database(drizzle(pool));
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  return {
    gate,
    processId: rows[0]?.pid ?? 0,
    unitOfWork: new DrizzleUnitOfWork(database),
    ledger: new DrizzleUsageLedger(database),
    /** Outside of any unit of work. */
    ask: async <T extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<T>(text, [...values])).rows,
    query: async <T extends Record<string, unknown>>(text: SQL) => (await database.current.execute<T>(text)).rows,
    grantsOf: (userIds: readonly string[]) => currentAllowances(database.current, userIds),
    /** Changes a subscription as the service does: the user first, then the subscription, then its period. */
    apply: async (happening: Change, userId: string) => {
      await new DrizzleSubscriptions(database).lockFor(userId);
      for (const statement of statementsOf(happening, userId)) await database.current.execute(statement);
      await new DrizzleAllowances(database).refresh(userId);
    },
    close: () => pool.end(),
  };
}
export type LedgerConnection = Awaited<ReturnType<typeof openConnection>>;

/** `who`'s subscription, and the clock. */
const liveOf = (userId: string) => sql`user_id = ${userId}::uuid and status <> 'canceled'`;
const clock = sql`(select now from test_clock.clock)`;

const STATEMENTS: { [Act in Change['act']]: (happening: Extract<Change, { act: Act }>, userId: string) => SQL[] } = {
  switch: (happening, userId) => [
    sql`update user_subscriptions set plan_id = ${planId(happening.plan)}, grants_until = null, next_plan_id = null
        where ${liveOf(userId)}`,
  ],
  begin: (happening, userId) => [
    end(userId),
    sql`insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
        select ${userId}, ${planId(happening.plan)}, 'active', now, now + ${happening.length}::interval from test_clock.clock`,
  ],
  comeBack: (happening, userId) => [
    end(userId),
    sql`insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
        select user_id, ${planId(happening.plan)}, 'active', current_period_start, current_period_end
        from user_subscriptions where user_id = ${userId} order by created_at limit 1`,
  ],
  rollOver: (_, userId) => [
    sql`update user_subscriptions set current_period_start = current_period_end,
          current_period_end = current_period_end + interval '1 month'
        where ${liveOf(userId)} and current_period_end <= ${clock}`,
  ],
  owe: ({ days }, userId) => [
    sql`update user_subscriptions set grants_until = ${clock} + make_interval(days => ${days}::int) where ${liveOf(userId)}`,
  ],
  schedule: (happening, userId) => [
    sql`update user_subscriptions set next_plan_id = ${happening.plan === null ? null : planId(happening.plan)}
        where ${liveOf(userId)}`,
  ],
  agree: (happening, userId) => [
    sql`insert into user_plan_limits (user_id, call_limit, minutes_limit)
        values (${userId}, ${happening.calls}, ${happening.minutes})
        on conflict (user_id) do update set call_limit = excluded.call_limit, minutes_limit = excluded.minutes_limit`,
  ],
  disagree: (_, userId) => [sql`delete from user_plan_limits where user_id = ${userId}`],
  leave: (_, userId) => [end(userId)],
};

function end(userId: string): SQL {
  return sql`update user_subscriptions set status = 'canceled' where ${liveOf(userId)}`;
}

function statementsOf(happening: Change, userId: string): SQL[] {
  const make = STATEMENTS[happening.act] as (one: Change, userId: string) => SQL[];
  return make(happening, userId);
}
