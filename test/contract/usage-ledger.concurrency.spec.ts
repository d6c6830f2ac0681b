import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import type { Reservation, ReservationRequest } from '../../src/modules/billing/public/usage-ledger.port';
import { type DrizzleLedgerWorld, makeDrizzleLedgerWorld } from '../support/drizzle-ledger-world';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { expectTotalsToBeSums } from './usage-ledger.contract';

let world: DrizzleLedgerWorld;
beforeAll(async () => {
  world = await makeDrizzleLedgerWorld();
});
afterAll(() => world.close());

const reserve = (...requests: readonly ReservationRequest[]) => world.run(() => world.ledger.reserve(requests));

async function wishes(count: number, userId: string, minutes: number): Promise<ReservationRequest[]> {
  return Promise.all(Array.from({ length: count }, () => world.wish(userId, minutes)));
}

function minutesOf(reservations: readonly Reservation[]): number[] {
  return reservations.flatMap((reservation) => (reservation.granted ? [reservation.minutes] : []));
}

async function onlyPeriodOf(userId: string) {
  const [period, ...others] = await world.periods(userId);
  if (!period || others.length > 0) throw new Error('not exactly one period');
  expectTotalsToBeSums(period);
  return period;
}

describe('the ledger on many connections', () => {
  it('hands out exactly what the plan grants, from a period that all of them open at once', async () => {
    const user = await world.subscriber({ calls: 1000, minutes: 100 });
    const answers = await Promise.all((await wishes(60, user, 3)).map((wish) => reserve(wish)));
    const granted = minutesOf(answers.flat());
    expect(granted.reduce((sum, minutes) => sum + minutes, 0)).toBe(100);
    expect(granted).toHaveLength(34);
    expect((await onlyPeriodOf(user)).totals.minutes).toMatchObject({ reserved: 100, remaining: 0 });
  });

  it('never grants more calls than the plan has', async () => {
    const user = await world.subscriber({ calls: 7, minutes: null });
    const answers = await Promise.all((await wishes(60, user, 3)).map((wish) => reserve(wish)));
    expect(minutesOf(answers.flat())).toHaveLength(7);
    expect((await onlyPeriodOf(user)).totals.calls).toMatchObject({ reserved: 7, remaining: 0 });
  });

  it.each([
    ['commit', false],
    ['roll back', true],
  ] as const)('lets a reservation that waited decide on what the other one left (%s)', async (outcome, isGranted) => {
    const user = await world.subscriber({ calls: 10, minutes: 10 });
    const [first, second, opener] = await Promise.all([
      world.wish(user, 10),
      world.wish(user, 10),
      world.wish(user, 1),
    ]);
    await reserve(opener);
    await world.run(() => world.ledger.release([opener.attemptId]));
    const end = await holdOpen(world, () => world.ledger.reserve([first]));
    const waiting = reserve(second);
    await waitUntilBlocked(world.database, 1);
    await end(outcome);
    expect((await waiting)[0]?.granted).toBe(isGranted);
    expect((await onlyPeriodOf(user)).totals.minutes.reserved).toBe(10);
  });

  it('gives a period the limits of the plan that a change under way ends with', async () => {
    const user = await world.subscriber({ calls: 5, minutes: 50 });
    const end = await holdOpen(world, () => changePlan(user, 'basic'));
    const waiting = reserve(await world.wish(user, 200));
    await waitUntilBlocked(world.database, 1);
    await end('commit');
    expect(await waiting).toMatchObject([{ granted: true, minutes: 200 }]);
    expect((await onlyPeriodOf(user)).totals.calls.limit).toBe(500);
  });

  it('lets either the settlement or the release of an attempt win, never both', async () => {
    const user = await world.subscriber({ calls: 100, minutes: 1000 });
    const requests = await wishes(40, user, 5);
    await reserve(...requests);
    const wins = await Promise.all(
      requests.map(async ({ attemptId }, index) => {
        const settle = () => world.run(() => world.ledger.settle([{ attemptId, minutes: 2 }]));
        const release = () => world.run(() => world.ledger.release([attemptId]));
        const [first, , again] = await Promise.all(
          index % 2 === 0 ? [settle(), release(), settle()] : [settle(), release(), settle()].reverse(),
        );
        return [first, again].filter((answer) => answer?.[0]?.isFirst).length;
      }),
    );
    const { totals, lines } = await onlyPeriodOf(user);
    const settled = lines.filter(({ kind }) => kind === 'settle').length;
    const released = lines.filter(({ kind }) => kind === 'release').length;
    expect(settled + released).toBe(40);
    expect(wins.reduce((sum, count) => sum + count, 0)).toBe(settled);
    expect(totals.calls).toMatchObject({ used: settled, reserved: 0 });
  });

  it('locks users in one order, so that batches in any order never block each other for good', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => world.subscriber({ calls: null, minutes: null })));
    const batches = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const order = index % 2 === 0 ? users : [...users].reverse();
        return Promise.all(order.map((user) => world.wish(user, 1)));
      }),
    );
    const answers = await Promise.all(batches.map((batch) => reserve(...batch)));
    expect(minutesOf(answers.flat())).toHaveLength(24 * users.length);
    for (const user of users) expect((await onlyPeriodOf(user)).totals.calls.reserved).toBe(24);
  });

  it('keeps within the limits and true to its lines, whatever happens in whatever order', async () => {
    await fc.assert(fc.asyncProperty(limits, fc.array(step, { minLength: 4, maxLength: 24 }), staysTrue), {
      numRuns: 25,
    });
  }, 60_000);
});

const limits = fc.record({ calls: fc.integer({ min: 0, max: 8 }), minutes: fc.integer({ min: 0, max: 30 }) });

/** `who` and `which` pick a user and one of the attempts so far; steps of one `wave` run at the same time. */
const step = fc.record({
  act: fc.constantFrom('reserve' as const, 'settle' as const, 'release' as const, 'chargeLate' as const),
  who: fc.nat(1),
  which: fc.nat(30),
  minutes: fc.integer({ min: 1, max: 9 }),
  wave: fc.nat(3),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function staysTrue(granted: { calls: number; minutes: number }, steps: readonly Step[]): Promise<void> {
  const users = [await world.subscriber(granted), await world.subscriber(granted)];
  const attempts: ReservationRequest[] = await Promise.all(
    steps.map(({ who, minutes }) => world.wish(users[who] ?? '', minutes)),
  );
  for (const wave of [0, 1, 2, 3]) {
    await Promise.all(steps.flatMap((one, index) => (one.wave === wave ? [perform(one, index, attempts)] : [])));
    for (const user of users) await expectTrue(user, granted);
  }
}

function perform(
  { act, which, minutes }: Step,
  index: number,
  attempts: readonly ReservationRequest[],
): Promise<unknown> {
  const own = attempts[index];
  const other = attempts[which % attempts.length];
  if (!own || !other) throw new Error('no attempt');
  if (act === 'reserve') return reserve(own);
  return world.run<unknown>(() =>
    act === 'release'
      ? world.ledger.release([other.attemptId])
      : world.ledger[act]([{ attemptId: other.attemptId, minutes }]),
  );
}

async function expectTrue(user: string, granted: { calls: number; minutes: number }): Promise<void> {
  for (const period of await world.periods(user)) {
    const { calls, minutes } = period.totals;
    expect(calls.used + calls.reserved).toBeLessThanOrEqual(granted.calls);
    expect(minutes.used + minutes.reserved).toBeLessThanOrEqual(granted.minutes);
    expectTotalsToBeSums(period);
    const ends = period.lines
      .filter(({ kind }) => kind === 'settle' || kind === 'release')
      .map((line) => line.attemptId);
    expect(new Set(ends).size).toBe(ends.length);
    expect(period.lines.every((line) => line.minutes >= 0)).toBe(true);
  }
}

function changePlan(userId: string, slug: string): Promise<unknown> {
  return world.executor.current.execute(sql`
    update user_subscriptions
    set plan_id = (select id from subscription_plans where slug = ${slug} and interval = 'monthly')
    where user_id = ${userId}`);
}
