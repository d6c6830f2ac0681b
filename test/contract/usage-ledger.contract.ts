import { randomUUID } from 'node:crypto';
import type { Allowance, Limits } from '../../src/modules/billing/domain/allowance';
import type { LedgerLine } from '../../src/modules/billing/domain/ledger-line';
import type { ReservationRequest, UsageLedger } from '../../src/modules/billing/public/usage-ledger.port';

/** A period as the ledger has recorded it: the totals, and the lines behind them in the order they were written. */
export interface RecordedPeriod {
  readonly totals: Omit<Allowance, 'period'>;
  readonly lines: readonly (LedgerLine & { readonly attemptId: string })[];
}

/** A ledger and what is needed around it. */
export interface LedgerWorld {
  readonly ledger: UsageLedger;
  /** Runs `work` as one unit of work. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Someone with a live subscription that grants `limits`. @returns the user's id */
  subscriber(limits: Limits): Promise<string>;
  /** Gives the user a plan with other limits, in the period that runs. The ledger is told. */
  change(userId: string, limits: Limits): Promise<void>;
  /** The same, but nobody tells the ledger: as when the time has come for what was agreed before. */
  overtake(userId: string, limits: Limits): Promise<void>;
  /** Ends the user's subscription. */
  unsubscribe(userId: string): Promise<void>;
  /** Gives the user the subscription back that was ended, with the months that it had. */
  resubscribe(userId: string): Promise<void>;
  /** Takes the user into a new period with the same limits. */
  renew(userId: string): Promise<void>;
  /** An attempt of the user that wants to reserve. */
  wish(userId: string, minutes: number): Promise<ReservationRequest>;
  /** The user's periods, the oldest first. */
  periods(userId: string): Promise<readonly RecordedPeriod[]>;
  close(): Promise<void>;
}

/** What every ledger does, whatever it is kept in. */
export function describeUsageLedger(name: string, make: () => Promise<LedgerWorld>): void {
  describe(`UsageLedger: ${name}`, () => {
    let world: LedgerWorld;
    beforeAll(async () => {
      world = await make();
    });
    afterAll(() => world.close());

    const reserve = async (...wishes: readonly (readonly [userId: string, minutes: number])[]) => {
      const requests: ReservationRequest[] = [];
      for (const [userId, minutes] of wishes) requests.push(await world.wish(userId, minutes));
      return world.run(() => world.ledger.reserve(requests));
    };
    const reserveOne = async (userId: string, minutes: number) => {
      const [reservation] = await reserve([userId, minutes]);
      if (!reservation?.granted) throw new Error('not granted');
      return reservation.attemptId;
    };
    const settle = async (attemptId: string, minutes: number) =>
      onlyOne(await world.run(() => world.ledger.settle([{ attemptId, minutes }])));
    const release = (attemptId: string) => world.run(() => world.ledger.release([attemptId]));
    const chargeLate = async (attemptId: string, minutes: number) =>
      onlyOne(await world.run(() => world.ledger.chargeLate([{ attemptId, minutes }])));
    const callsLeft = (userId: string) => world.run(() => world.ledger.callsLeft(userId));
    const totalsOf = async (userId: string) => {
      const [period, ...others] = await world.periods(userId);
      if (!period || others.length > 0) throw new Error('not exactly one period');
      expectTotalsToBeSums(period);
      return toFigures(period.totals);
    };

    describe('reserve', () => {
      it('grants one call and the minutes that are wished for', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        expect(await reserve([user, 10])).toEqual([
          { attemptId: expect.any(String) as string, granted: true, minutes: 10 },
        ]);
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [1, 10], remaining: [9, 20] });
      });

      it('grants the minutes that are left, then nothing', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 15 });
        expect(await reserve([user, 10], [user, 10], [user, 10])).toMatchObject([
          { granted: true, minutes: 10 },
          { granted: true, minutes: 5 },
          { granted: false },
        ]);
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [2, 15], remaining: [8, 0] });
      });

      it('grants nothing once the calls are spoken for', async () => {
        const user = await world.subscriber({ calls: 1, minutes: 100 });
        expect(await reserve([user, 1], [user, 1])).toMatchObject([{ granted: true }, { granted: false }]);
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [1, 1], remaining: [0, 99] });
      });

      it('grants every wish of an unlimited plan', async () => {
        const user = await world.subscriber({ calls: null, minutes: null });
        expect(await reserve([user, 600], [user, 600])).toMatchObject([{ minutes: 600 }, { minutes: 600 }]);
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [2, 1200], remaining: [null, null] });
      });

      it('answers in the order of the requests and serves each user in that order', async () => {
        const [one, other] = [
          await world.subscriber({ calls: 2, minutes: 10 }),
          await world.subscriber({ calls: 2, minutes: 10 }),
        ];
        const answers = await reserve([one, 7], [other, 6], [one, 5], [other, 1], [one, 1]);
        expect(answers.map((answer) => answer.granted && answer.minutes)).toEqual([7, 6, 3, 1, false]);
      });

      it('grants nothing without a live subscription, however much is left', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        await reserve([user, 10]);
        await world.unsubscribe(user);
        expect(await reserve([user, 10], [await world.subscriber({ calls: 1, minutes: 1 }), 1])).toMatchObject([
          { granted: false },
          { granted: true },
        ]);
      });

      it('refuses an attempt that has reserved already', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const wish = await world.wish(user, 10);
        await world.run(() => world.ledger.reserve([wish]));
        await expect(world.run(() => world.ledger.reserve([wish]))).rejects.toThrow();
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [1, 10], remaining: [9, 20] });
      });

      it('does nothing when nobody wishes anything', async () => {
        expect(await reserve()).toEqual([]);
      });
    });

    describe('settle', () => {
      it('uses one call and its minutes, and gives back what is left of the reservation', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const attempt = await reserveOne(user, 10);
        expect(await settle(attempt, 4)).toEqual({ isFirst: true, chargedMinutes: 4, overrunMinutes: 0 });
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [0, 0], remaining: [9, 26] });
      });

      it('uses the call alone when nobody talked', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        expect(await settle(await reserveOne(user, 10), 0)).toEqual({
          isFirst: true,
          chargedMinutes: 0,
          overrunMinutes: 0,
        });
        expect(await totalsOf(user)).toEqual({ used: [1, 0], reserved: [0, 0], remaining: [9, 30] });
      });

      it('never charges beyond the reservation and tells the overrun', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        expect(await settle(await reserveOne(user, 10), 13)).toEqual({
          isFirst: true,
          chargedMinutes: 10,
          overrunMinutes: 3,
        });
        expect(await totalsOf(user)).toEqual({ used: [1, 10], reserved: [0, 0], remaining: [9, 20] });
      });

      it('changes nothing when repeated or after a release', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const [settledOne, released] = [await reserveOne(user, 10), await reserveOne(user, 10)];
        await settle(settledOne, 4);
        await release(released);
        for (const attempt of [settledOne, released])
          expect(await settle(attempt, 9)).toEqual({ isFirst: false, chargedMinutes: 0, overrunMinutes: 0 });
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [0, 0], remaining: [9, 26] });
      });
    });

    describe('release', () => {
      it('gives the whole reservation back', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        await release(await reserveOne(user, 10));
        expect(await totalsOf(user)).toEqual({ used: [0, 0], reserved: [0, 0], remaining: [10, 30] });
      });

      it('changes nothing when repeated or after a settlement', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const [settledOne, released] = [await reserveOne(user, 10), await reserveOne(user, 10)];
        await settle(settledOne, 4);
        await release(released);
        await release(settledOne);
        await release(released);
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [0, 0], remaining: [9, 26] });
      });
    });

    describe('chargeLate', () => {
      it('charges what was released after all, once', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const attempt = await reserveOne(user, 10);
        await release(attempt);
        expect(await chargeLate(attempt, 4)).toEqual({ isFirst: true, chargedMinutes: 4, overrunMinutes: 0 });
        expect(await chargeLate(attempt, 5)).toEqual({ isFirst: false, chargedMinutes: 0, overrunMinutes: 0 });
        await release(attempt);
        await settle(attempt, 9);
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [0, 0], remaining: [9, 26] });
      });

      it('charges no more than is left', async () => {
        const user = await world.subscriber({ calls: 2, minutes: 12 });
        const attempt = await reserveOne(user, 10);
        await release(attempt);
        await reserve([user, 5], [user, 5]);
        expect(await chargeLate(attempt, 8)).toEqual({ isFirst: true, chargedMinutes: 2, overrunMinutes: 6 });
        expect(await totalsOf(user)).toEqual({ used: [0, 2], reserved: [2, 10], remaining: [0, 0] });
      });

      it('charges no more than had been reserved', async () => {
        const user = await world.subscriber({ calls: null, minutes: null });
        const attempt = await reserveOne(user, 10);
        await release(attempt);
        expect(await chargeLate(attempt, 13)).toEqual({ isFirst: true, chargedMinutes: 10, overrunMinutes: 3 });
      });

      it('changes nothing while the reservation holds or after a settlement', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const [open, settledOne] = [await reserveOne(user, 10), await reserveOne(user, 10)];
        await settle(settledOne, 4);
        expect((await chargeLate(open, 4)).isFirst).toBe(false);
        expect((await chargeLate(settledOne, 4)).isFirst).toBe(false);
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [1, 10], remaining: [8, 16] });
      });
    });

    describe('several attempts at once', () => {
      it('are settled in their order, of any users, and each once', async () => {
        const [one, other] = [
          await world.subscriber({ calls: 10, minutes: 30 }),
          await world.subscriber({ calls: 10, minutes: 30 }),
        ];
        const [first, second, third] = [
          await reserveOne(one, 10),
          await reserveOne(other, 10),
          await reserveOne(one, 5),
        ] as const;
        const charges = [
          { attemptId: second, minutes: 12 },
          { attemptId: first, minutes: 3 },
          { attemptId: randomUUID(), minutes: 1 },
          { attemptId: first, minutes: 4 },
          { attemptId: third, minutes: 0 },
        ];
        const settlements = await world.run(async () => {
          await world.ledger.lock(charges.map(({ attemptId }) => attemptId));
          return world.ledger.settle(charges);
        });
        expect(settlements.map(({ isFirst, chargedMinutes }) => isFirst && chargedMinutes)).toEqual([
          10,
          3,
          false,
          false,
          0,
        ]);
        expect(settlements[0]?.overrunMinutes).toBe(2);
        expect(await totalsOf(one)).toEqual({ used: [2, 3], reserved: [0, 0], remaining: [8, 27] });
        expect(await totalsOf(other)).toEqual({ used: [1, 10], reserved: [0, 0], remaining: [9, 20] });
      });

      it('are released together, those that were settled left alone', async () => {
        const user = await world.subscriber({ calls: 10, minutes: 30 });
        const [open, settledOne] = [await reserveOne(user, 10), await reserveOne(user, 10)] as const;
        await settle(settledOne, 4);
        await world.run(() => world.ledger.release([open, settledOne, open]));
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [0, 0], remaining: [9, 26] });
      });

      it('are charged late for no more than is left for all of them', async () => {
        const user = await world.subscriber({ calls: 2, minutes: 12 });
        const [first, second] = [await reserveOne(user, 6), await reserveOne(user, 6)] as const;
        await world.run(() => world.ledger.release([first, second]));
        await reserve([user, 5]);
        const charges = [first, second].map((attemptId) => ({ attemptId, minutes: 6 }));
        const settlements = await world.run(() => world.ledger.chargeLate(charges));
        expect(settlements.map(({ chargedMinutes }) => chargedMinutes)).toEqual([6, 1]);
        expect(await totalsOf(user)).toEqual({ used: [1, 7], reserved: [1, 5], remaining: [0, 0] });
      });
    });

    describe('an attempt that never reserved', () => {
      it('has nothing to settle, release or charge', async () => {
        const stranger = randomUUID();
        expect((await settle(stranger, 4)).isFirst).toBe(false);
        expect((await chargeLate(stranger, 4)).isFirst).toBe(false);
        await release(stranger);
      });
    });

    describe('periods', () => {
      it('begin with the whole allowance, while old calls end in the period that reserved them', async () => {
        const user = await world.subscriber({ calls: 3, minutes: 30 });
        const attempts = [await reserveOne(user, 10), await reserveOne(user, 10), await reserveOne(user, 10)] as const;
        await world.renew(user);
        await reserveOne(user, 30);
        await settle(attempts[0], 4);
        await release(attempts[1]);
        await release(attempts[2]);
        await chargeLate(attempts[2], 2);
        const [before, after, ...others] = await world.periods(user);
        if (!before || !after) throw new Error('a period is missing');
        expect(others).toEqual([]);
        for (const period of [before, after]) expectTotalsToBeSums(period);
        expect(toFigures(before.totals)).toEqual({ used: [2, 6], reserved: [0, 0], remaining: [1, 24] });
        expect(toFigures(after.totals)).toEqual({ used: [0, 0], reserved: [1, 30], remaining: [2, 0] });
      });
    });

    describe.each([
      ['that is told', 'change'],
      ['that comes by itself', 'overtake'],
    ] as const)('a change of plan %s', (_, how) => {
      it('raises what is left of the running period', async () => {
        const user = await world.subscriber({ calls: 2, minutes: 10 });
        await settle(await reserveOne(user, 6), 6);
        await reserveOne(user, 4);
        await world[how](user, { calls: 5, minutes: 30 });
        expect(await callsLeft(user)).toMatchObject({ calls: 3 });
        expect(await reserve([user, 99])).toMatchObject([{ minutes: 20 }]);
        expect(await totalsOf(user)).toEqual({ used: [1, 6], reserved: [2, 24], remaining: [2, 0] });
      });

      it('leaves nothing, never less, where it lowers a limit below what is gone', async () => {
        const user = await world.subscriber({ calls: 5, minutes: 30 });
        await settle(await reserveOne(user, 10), 7);
        const inFlight = await reserveOne(user, 10);
        await world[how](user, { calls: 1, minutes: 8 });
        expect(await callsLeft(user)).toMatchObject({ calls: 0 });
        expect(await reserve([user, 1])).toMatchObject([{ granted: false }]);
        expect(await totalsOf(user)).toEqual({ used: [1, 7], reserved: [1, 10], remaining: [0, 0] });
        expect(await settle(inFlight, 9)).toEqual({ isFirst: true, chargedMinutes: 9, overrunMinutes: 0 });
        expect(await totalsOf(user)).toEqual({ used: [2, 16], reserved: [0, 0], remaining: [0, 0] });
      });

      it('grants what a lowered limit has left, and no more', async () => {
        const user = await world.subscriber({ calls: 5, minutes: 30 });
        await settle(await reserveOne(user, 10), 7);
        await world[how](user, { calls: 3, minutes: 10 });
        expect(await reserve([user, 9], [user, 9])).toMatchObject([{ minutes: 3 }, { granted: false }]);
        expect(await totalsOf(user)).toEqual({ used: [1, 7], reserved: [1, 3], remaining: [1, 0] });
      });

      it('lifts limits and brings them back', async () => {
        const user = await world.subscriber({ calls: 1, minutes: 10 });
        const before = await reserveOne(user, 10);
        await world[how](user, { calls: null, minutes: null });
        expect(await callsLeft(user)).toMatchObject({ calls: null });
        const meanwhile = await reserveOne(user, 500);
        await world[how](user, { calls: 3, minutes: 520 });
        expect(await reserve([user, 99])).toMatchObject([{ minutes: 10 }]);
        await release(before);
        await settle(meanwhile, 400);
        expect(await totalsOf(user)).toEqual({ used: [1, 400], reserved: [1, 10], remaining: [1, 110] });
      });

      it('does not reach into an earlier period', async () => {
        const user = await world.subscriber({ calls: 3, minutes: 30 });
        const early = await reserveOne(user, 20);
        await world.renew(user);
        await world[how](user, { calls: 1, minutes: 5 });
        await reserveOne(user, 9);
        await settle(early, 20);
        const [before, after, ...others] = await world.periods(user);
        if (!before || !after) throw new Error('a period is missing');
        expect(others).toEqual([]);
        expect(toFigures(before.totals)).toEqual({ used: [1, 20], reserved: [0, 0], remaining: [2, 10] });
        expect(toFigures(after.totals)).toEqual({ used: [0, 0], reserved: [1, 5], remaining: [0, 0] });
      });

      it('counts before anybody has used the period', async () => {
        const user = await world.subscriber({ calls: 0, minutes: 0 });
        await world[how](user, { calls: 1, minutes: 4 });
        expect(await callsLeft(user)).toMatchObject({ calls: 1 });
        expect(await reserve([user, 9])).toMatchObject([{ minutes: 4 }]);
      });
    });

    describe('whoever leaves and comes back', () => {
      it('finds the allowance as it was left', async () => {
        const user = await world.subscriber({ calls: 3, minutes: 30 });
        const inFlight = await reserveOne(user, 10);
        await world.unsubscribe(user);
        await settle(inFlight, 4);
        await world.resubscribe(user);
        expect(await callsLeft(user)).toMatchObject({ calls: 2 });
        await reserveOne(user, 26);
        expect(await totalsOf(user)).toEqual({ used: [1, 4], reserved: [1, 26], remaining: [1, 0] });
      });
    });

    describe('callsLeft', () => {
      it('counts the calls that are neither used nor reserved', async () => {
        const user = await world.subscriber({ calls: 5, minutes: 30 });
        expect(await callsLeft(user)).toMatchObject({ calls: 5 });
        await settle(await reserveOne(user, 5), 1);
        await reserveOne(user, 5);
        expect(await callsLeft(user)).toMatchObject({ calls: 3 });
      });

      it('is null without a limit, and zero without a minute', async () => {
        expect(await callsLeft(await world.subscriber({ calls: null, minutes: 30 }))).toMatchObject({ calls: null });
        const user = await world.subscriber({ calls: 5, minutes: 5 });
        await reserveOne(user, 5);
        expect(await callsLeft(user)).toMatchObject({ calls: 0 });
      });

      it('names the end of the period, within the next month', async () => {
        const { periodEnd } = await callsLeft(await world.subscriber({ calls: 5, minutes: 30 }));
        expect(periodEnd).toBeInstanceOf(Date);
        expect(periodEnd?.getTime()).toBeGreaterThan(Date.now());
      });

      it('tells how many calls the plan lets wait', async () => {
        expect(await callsLeft(await world.subscriber({ calls: 5, minutes: 30 }))).toMatchObject({
          queuedLimit: 100_000,
        });
      });

      it('is zero, and knows no period, without a live subscription', async () => {
        const user = await world.subscriber({ calls: 5, minutes: 30 });
        await world.unsubscribe(user);
        expect(await callsLeft(user)).toEqual({ calls: 0, periodEnd: null, queuedLimit: 0 });
      });
    });
  });
}

/** The totals of a period are the sums of its lines. */
export function expectTotalsToBeSums({ totals, lines }: RecordedPeriod): void {
  const sum = (pick: (line: LedgerLine) => number) => lines.reduce((total, line) => total + pick(line), 0);
  const used = lines.filter(({ kind }) => kind === 'settle' || kind === 'adjust');
  expect({
    used: [totals.calls.used, totals.minutes.used],
    reserved: [totals.calls.reserved, totals.minutes.reserved],
  }).toEqual({
    used: [
      used.reduce((total, { calls }) => total + calls, 0),
      used.reduce((total, { minutes }) => total + minutes, 0),
    ],
    reserved: [sum((line) => line.reservedCalls), sum((line) => line.reservedMinutes)],
  });
}

/** Calls and minutes side by side. */
function toFigures({ calls, minutes }: RecordedPeriod['totals']) {
  return {
    used: [calls.used, minutes.used],
    reserved: [calls.reserved, minutes.reserved],
    remaining: [calls.remaining, minutes.remaining],
  };
}

function onlyOne<T>(answers: readonly T[]): T {
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) throw new Error('not exactly one answer');
  return answer;
}
