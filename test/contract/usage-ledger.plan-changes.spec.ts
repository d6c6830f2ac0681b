import { sql } from 'drizzle-orm';
import { DrizzleAllowances } from '../../src/modules/billing/adapters/drizzle/drizzle-allowances';
import type { Limits } from '../../src/modules/billing/domain/allowance';
import type { ReservationRequest } from '../../src/modules/billing/public/usage-ledger.port';
import { type DrizzleLedgerWorld, makeDrizzleLedgerWorld } from '../support/drizzle-ledger-world';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { expectTotalsToBeSums } from './usage-ledger.contract';

let world: DrizzleLedgerWorld;
let allowances: DrizzleAllowances;
beforeAll(async () => {
  world = await makeDrizzleLedgerWorld();
  allowances = new DrizzleAllowances(world.executor);
});
afterAll(() => world.close());

const reserve = (...requests: readonly ReservationRequest[]) => world.run(() => world.ledger.reserve(requests));
const blocked = (count: number) => waitUntilBlocked(world.database, count);

/** Someone who has reserved so many minutes already, so that the period's row is there. */
async function subscriber(limits: Limits, minutes: number): Promise<string> {
  const user = await world.subscriber(limits);
  await reserve(await world.wish(user, minutes));
  return user;
}

async function minutesOf(userId: string) {
  const [period, ...others] = await world.periods(userId);
  if (!period || others.length > 0) throw new Error('not exactly one period');
  expectTotalsToBeSums(period);
  const { used, reserved, limit, remaining } = period.totals.minutes;
  return { gone: used + reserved, limit, remaining };
}

describe('a change of plan and reservations at the same time', () => {
  it.each([
    ['commit', 5, { gone: 15, limit: 15, remaining: 0 }],
    ['roll back', 9, { gone: 19, limit: 30, remaining: 11 }],
  ] as const)(
    'a reservation that has looked at the limits before decides on those that the change leaves (%s)',
    async (outcome, minutes, left) => {
      const user = await subscriber({ calls: 9, minutes: 30 }, 10);
      const end = await holdOpen(world, () => world.change(user, { calls: 9, minutes: 15 }));
      const waiting = reserve(await world.wish(user, 9));
      await blocked(1);
      await end(outcome);
      expect(await waiting).toMatchObject([{ granted: true, minutes }]);
      expect(await minutesOf(user)).toEqual(left);
    },
  );

  it('a reservation under way keeps what it got, and a change that waited for it leaves nothing, not less', async () => {
    const user = await subscriber({ calls: 9, minutes: 30 }, 10);
    const wish = await world.wish(user, 20);
    const end = await holdOpen(world, () => world.ledger.reserve([wish]));
    const waiting = world.change(user, { calls: 9, minutes: 15 });
    await blocked(1);
    await end('commit');
    await waiting;
    expect(await minutesOf(user)).toEqual({ gone: 30, limit: 15, remaining: 0 });
    expect(await reserve(await world.wish(user, 1))).toMatchObject([{ granted: false }]);
  });

  it('a change reaches the period that is being opened', async () => {
    const user = await world.subscriber({ calls: 9, minutes: 30 });
    const wish = await world.wish(user, 10);
    const end = await holdOpen(world, () => world.ledger.reserve([wish]));
    const waiting = world.change(user, { calls: 9, minutes: 15 });
    await blocked(1);
    await end('commit');
    await waiting;
    expect(await minutesOf(user)).toEqual({ gone: 10, limit: 15, remaining: 5 });
  });

  it('a subscription that replaces another is held by whoever waited for the other', async () => {
    const user = await world.subscriber({ calls: 9, minutes: 30 });
    await replaceSubscription(user);
    let goOn: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (goOn = resolve));
    let hasReplaced: () => void = () => undefined;
    const replaced = new Promise<void>((resolve) => (hasReplaced = resolve));
    const change = world.run(async () => {
      await replaceSubscription(user);
      hasReplaced();
      await told;
      await allowances.refresh(user);
    });
    await replaced;
    const wish = await world.wish(user, 10);
    const waiting = holdOpen(world, () => world.ledger.reserve([wish]));
    await blocked(1);
    goOn();
    await change;
    const end = await waiting;
    const lowering = world.change(user, { calls: 9, minutes: 15 });
    await blocked(1);
    await end('commit');
    await lowering;
    expect(await minutesOf(user)).toEqual({ gone: 10, limit: 15, remaining: 5 });
  });

  it('rows are locked in the order of users, those too that need no refreshing', async () => {
    const unlimited = { calls: null, minutes: null };
    const users = await Promise.all([1, 2, 3].map(() => subscriber(unlimited, 1)));
    const [first = '', second = '', third = ''] = users.sort();
    const holder = await world.wish(second, 1);
    const end = await holdOpen(world, () => world.ledger.reserve([holder]));
    const ahead = reserve(...(await Promise.all(users.map((user) => world.wish(user, 1)))));
    await blocked(1);
    await world.overtake(third, { calls: 100, minutes: 100 });
    const behind = reserve(await world.wish(third, 1), await world.wish(first, 1));
    await blocked(2);
    await end('commit');
    expect(await ahead).toMatchObject([{ granted: true }, { granted: true }, { granted: true }]);
    expect(await behind).toMatchObject([{ granted: true }, { granted: true }]);
  });

  it('moves the end of a period that is prolonged', async () => {
    const user = await subscriber({ calls: 9, minutes: 30 }, 10);
    const recorded = (end: string) =>
      world.run(async () => {
        await world.executor.current.execute(
          sql`update user_subscriptions set current_period_end = current_period_start + ${end}::interval where user_id = ${user}`,
        );
        await allowances.refresh(user);
      });
    const ends = () =>
      world.database.query<{ days: number }>(
        `select extract(day from billing_period_end - billing_period_start)::int as days from user_call_usage where user_id = $1`,
        [user],
      );
    await recorded('7 days');
    expect(await ends()).toEqual([{ days: 7 }]);
    await recorded('14 days');
    expect(await ends()).toEqual([{ days: 14 }]);
    await reserve(await world.wish(user, 10));
    expect(await minutesOf(user)).toEqual({ gone: 20, limit: 30, remaining: 10 });
    // Prolonged only after the row's end.
    await world.database.query(
      `update user_call_usage set billing_period_end = billing_period_start + interval '30 minutes' where user_id = $1`,
      [user],
    );
    expect(await world.ledger.callsLeft(user)).toMatchObject({ calls: 7 });
    await reserve(await world.wish(user, 10));
    expect(await ends()).toEqual([{ days: 14 }]);
  });

  it('refreshes nothing for nobody, and opens no period', async () => {
    const user = await world.subscriber({ calls: 9, minutes: 30 });
    await world.run(() => allowances.refresh(user));
    expect(await world.periods(user)).toEqual([]);
    await world.unsubscribe(user);
    await world.run(() => allowances.refresh(user));
    expect(await world.periods(user)).toEqual([]);
  });
});

/** Ends the user's subscription and begins another one with the same month. */
async function replaceSubscription(userId: string): Promise<void> {
  await world.executor.current.execute(
    sql`update user_subscriptions set status = 'canceled' where user_id = ${userId} and status = 'active'`,
  );
  await world.executor.current.execute(sql`
    insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
    select user_id, plan_id, 'active', current_period_start, current_period_end
    from user_subscriptions where user_id = ${userId} limit 1`);
}
