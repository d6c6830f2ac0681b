import { randomUUID } from 'node:crypto';
import type { Refusal } from '../../src/modules/providers/public/call-provider.port';
import type {
  LockedProvider,
  PlacementReport,
  ProviderPool,
} from '../../src/modules/providers/public/provider-pool.port';

type Result = PlacementReport['result'];

export interface PoolSeed {
  readonly priority?: number;
  readonly concurrencyLimit?: number;
  readonly isActive?: boolean;
}

export interface NumberSeed {
  readonly isActive?: boolean;
  readonly areaCode?: string;
  readonly capabilities?: readonly string[];
}

/** A pool with the policy of the in-memory one (`POLICY`), and what is needed around it. */
export interface PoolWorld {
  readonly pool: ProviderPool;
  /** Runs `work` as one unit of work. */
  run<T>(work: () => Promise<T>): Promise<T>;
  provider(seed?: PoolSeed): Promise<string>;
  phoneNumber(providerId: string, seed?: NumberSeed): Promise<string>;
  assistant(providerId: string, seed?: { isActive?: boolean; externalId?: string }): Promise<string>;
  /** Pauses the provider by hand, or ends that pause. */
  suspend(providerId: string, isSuspended: boolean): Promise<void>;
  /** Lets time pass for the pool. */
  elapse(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

/** What every pool does, whatever it is kept in. */
export function describeProviderPool(name: string, make: () => Promise<PoolWorld>): void {
  describe(`ProviderPool: ${name}`, () => {
    let world: PoolWorld;
    beforeAll(async () => {
      world = await make();
    });
    afterAll(() => world.close());

    const lock = () => world.run(() => world.pool.lockActive());
    const find = async (id: string): Promise<LockedProvider | undefined> => (await lock()).find((one) => one.id === id);
    const numbersOf = async (id: string) => (await find(id))?.phoneNumbers.map((number) => number.id);
    const use = (...ids: string[]) => world.run(() => world.pool.markNumbersUsed(ids));
    const report = async (providerId: string, ...results: readonly Result[]) => {
      for (const result of results) await reportOn(providerId, randomUUID(), result);
    };
    const reportOn = (providerId: string, phoneNumberId: string, result: Result) =>
      world.run(() => world.pool.reportPlacement({ providerId, phoneNumberId, result }));
    const refuseAtOnce = async (providerId: string, ...inUse: readonly number[]) => {
      for (const one of inUse) {
        const result = refused('concurrency');
        await world.run(() =>
          world.pool.reportPlacement({ providerId, phoneNumberId: randomUUID(), result, inUse: one }),
        );
      }
    };
    const limits = async (id: string) => [(await find(id))?.limit, (await overviewOf(id))?.effectiveLimit];
    const overviewOf = async (id: string) => (await world.pool.overview()).find((one) => one.id === id);

    const accepted: Result = { kind: 'accepted', providerCallId: 'call-1' };
    const unknown: Result = { kind: 'unknown', cause: 'timeout' };
    const refused = (refusal: Refusal, retryAfterMs?: number): Result => ({
      kind: 'refused',
      refusal,
      detail: 'as the vendor says',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });

    it('locks active providers, in the order of ids', async () => {
      const ids = [await world.provider(), await world.provider({ priority: 7 }), await world.provider()];
      const inactive = await world.provider({ isActive: false });
      const locked = (await lock()).map(({ id }) => id);
      expect(locked.filter((id) => ids.includes(id))).toEqual([...ids].sort());
      expect(locked).not.toContain(inactive);
    });

    it('tells limit, priority, active numbers and active assistants', async () => {
      const id = await world.provider({ priority: 3, concurrencyLimit: 4 });
      const number = await world.phoneNumber(id);
      await world.phoneNumber(id, { isActive: false });
      const assistant = await world.assistant(id, { externalId: 'at-the-vendor' });
      await world.assistant(id, { isActive: false });
      const locked = await find(id);
      expect(locked).toMatchObject({ id, priority: 3, limit: 4 });
      expect(locked?.phoneNumbers.map((one) => one.id)).toEqual([number]);
      expect([...(locked?.assistants ?? [])]).toEqual([[assistant, 'at-the-vendor']]);
      expect(locked).not.toHaveProperty('hold');
      expect(locked).not.toHaveProperty('probe');
    });

    it('has nothing to choose from in an empty account', async () => {
      expect(await find(await world.provider())).toMatchObject({ phoneNumbers: [], assistants: new Map() });
    });

    it('offers the number unused longest first, never used ones before all', async () => {
      const id = await world.provider();
      const [a, b, c] = [await world.phoneNumber(id), await world.phoneNumber(id), await world.phoneNumber(id)];
      await use(b);
      await use(a);
      expect(await numbersOf(id)).toEqual([c, b, a]);
      await use(c);
      expect(await numbersOf(id)).toEqual([b, a, c]);
      await use();
      expect(await numbersOf(id)).toEqual([b, a, c]);
    });

    it('offers only numbers that are fit for calls, and tells where they are and where they may call', async () => {
      const id = await world.provider();
      const local = await world.phoneNumber(id, { areaCode: '202', capabilities: ['sms', 'voice', 'to:US', 'to:CA'] });
      const free = await world.phoneNumber(id);
      await world.phoneNumber(id, { capabilities: ['sms'] });
      const lines = (await find(id))?.phoneNumbers ?? [];
      expect(new Map(lines.map((line) => [line.id, [line.countryCode, line.areaCode, line.destinations]]))).toEqual(
        new Map([
          [local, ['1', '202', ['US', 'CA']]],
          [free, ['1', null, null]],
        ]),
      );
    });

    it('rests a number that the vendor refused, and no other', async () => {
      const id = await world.provider();
      const [refusedOne, other] = [await world.phoneNumber(id), await world.phoneNumber(id)];
      expect(await overviewOf(id)).toMatchObject({ nextNumberAt: null });
      await reportOn(id, refusedOne, refused('line'));
      expect(await numbersOf(id)).toEqual([other]);
      expect((await overviewOf(id))?.nextNumberAt).toBeInstanceOf(Date);
      expect(await find(id)).not.toHaveProperty('hold');
      await world.elapse(3_600_001);
      expect((await numbersOf(id))?.sort()).toEqual([refusedOne, other].sort());
    });

    it('leaves the number of another provider alone', async () => {
      const [id, other] = [await world.provider(), await world.provider()];
      const number = await world.phoneNumber(other);
      await reportOn(id, number, refused('line'));
      expect(await numbersOf(other)).toEqual([number]);
    });

    it.each(['concurrency', 'rate_limit'] as const)(
      'pauses for the cooldown after %s, doubling it when repeated',
      async (refusal) => {
        const id = await world.provider();
        await report(id, refused(refusal), refused(refusal));
        expect(await find(id)).toMatchObject({ hold: 'paused' });
        expect((await overviewOf(id))?.pausedUntil).toBeInstanceOf(Date);
        await world.elapse(5_001);
        expect(await find(id)).not.toHaveProperty('hold');
        expect((await overviewOf(id))?.pausedUntil).toBeNull();
        await report(id, refused(refusal));
        await world.elapse(5_001);
        expect(await find(id)).toMatchObject({ hold: 'paused' });
        await world.elapse(5_000);
        expect(await find(id)).not.toHaveProperty('hold');
      },
    );

    it('pauses for as long as the vendor asks', async () => {
      const id = await world.provider();
      await report(id, refused('rate_limit', 60_000));
      await world.elapse(55_000);
      expect(await find(id)).toMatchObject({ hold: 'paused' });
      await world.elapse(5_001);
      expect(await find(id)).not.toHaveProperty('hold');
    });

    it('starts again with the shortest pause after an accepted call', async () => {
      const id = await world.provider();
      await report(id, refused('concurrency'));
      await world.elapse(5_001);
      await report(id, accepted, refused('concurrency'));
      await world.elapse(5_001);
      expect(await find(id)).not.toHaveProperty('hold');
    });

    it('lowers the limit to what the vendor carries, and lets it climb back with time', async () => {
      const id = await world.provider({ concurrencyLimit: 10 });
      await refuseAtOnce(id, 10, 9, 8, 7);
      expect(await limits(id)).toEqual([6, 6]);
      await world.elapse(29_000);
      expect(await limits(id)).toEqual([6, 6]);
      await world.elapse(1_001);
      expect(await limits(id)).toEqual([7, 7]);
      await world.elapse(3_600_000);
      expect(await limits(id)).toEqual([10, 10]);
    });

    it('keeps at least one slot, and a lowered limit through accepted calls and other refusals', async () => {
      const id = await world.provider({ concurrencyLimit: 3 });
      await refuseAtOnce(id, 1);
      await report(id, accepted, refused('destination'), refused('rate_limit'), unknown);
      expect(await limits(id)).toEqual([1, 1]);
    });

    it('holds back what an administrator has paused, whatever is reported and however long it takes', async () => {
      const id = await world.provider();
      await world.suspend(id, true);
      await report(id, accepted, refused('concurrency'));
      await world.elapse(3_600_000);
      await report(id, accepted);
      expect(await find(id)).toMatchObject({ hold: 'suspended' });
      expect(await overviewOf(id)).toMatchObject({ suspension: { until: null, reason: null } });
      await world.suspend(id, false);
      expect(await find(id)).not.toHaveProperty('hold');
      expect(await overviewOf(id)).toMatchObject({ suspension: null });
    });

    it('tells without a lock what it tells with one', async () => {
      const id = await world.provider();
      await world.phoneNumber(id);
      expect(await world.pool.look()).toEqual(await lock());
    });

    it('pauses an account that the vendor turns away for five minutes', async () => {
      const id = await world.provider();
      await report(id, refused('account'));
      await world.elapse(295_000);
      expect(await find(id)).toMatchObject({ hold: 'paused' });
      await world.elapse(5_001);
      expect(await find(id)).not.toHaveProperty('hold');
    });

    it.each([unknown, refused('unreachable')])(
      'opens the breaker after three failures in a row: $kind',
      async (failure) => {
        const id = await world.provider();
        await report(id, failure, failure, accepted, failure, failure);
        expect(await find(id)).not.toHaveProperty('hold');
        await report(id, failure);
        expect(await find(id)).toMatchObject({ hold: 'breaker-open' });
        expect(await overviewOf(id)).toMatchObject({ health: 'open', pausedUntil: null });
        expect((await overviewOf(id))?.probeAt).toBeInstanceOf(Date);
      },
    );

    describe('with an open breaker', () => {
      let id: string;
      let number: string;
      beforeEach(async () => {
        id = await world.provider();
        number = await world.phoneNumber(id);
        await report(id, unknown, unknown, unknown);
        await world.elapse(30_001);
      });

      it('offers one probe for as long as nobody sends it', async () => {
        expect(await find(id)).toMatchObject({ probe: true, limit: 10 });
        expect(await find(id)).not.toHaveProperty('hold');
        expect(await find(id)).toMatchObject({ probe: true });
      });

      it('holds everything else back while the probe is under way', async () => {
        await use(number);
        const locked = await find(id);
        expect(locked).toMatchObject({ hold: 'breaker-open' });
        expect(locked).not.toHaveProperty('probe');
        expect(await overviewOf(id)).toMatchObject({ health: 'half-open' });
      });

      it('sends another probe when the first one is lost', async () => {
        await use(number);
        await world.elapse(30_001);
        expect(await find(id)).toMatchObject({ probe: true });
      });

      it('closes when the probe is accepted', async () => {
        await use(number);
        await report(id, accepted);
        expect(await find(id)).not.toHaveProperty('hold');
        expect(await find(id)).not.toHaveProperty('probe');
        expect(await overviewOf(id)).toMatchObject({ health: 'closed' });
      });

      it('opens again when the probe fails', async () => {
        await use(number);
        await report(id, unknown);
        expect(await find(id)).toMatchObject({ hold: 'breaker-open' });
        expect(await overviewOf(id)).toMatchObject({ health: 'open' });
      });

      it('closes when the probe is refused for the call that it carried', async () => {
        await use(number);
        await report(id, refused('destination'));
        expect(await overviewOf(id)).toMatchObject({ health: 'closed' });
      });
    });

    it.each(['destination', 'agent', 'request'] as const)('learns nothing about health from %s', async (refusal) => {
      const id = await world.provider();
      await report(id, unknown, unknown, refused(refusal));
      expect(await find(id)).not.toHaveProperty('hold');
      await report(id, unknown);
      expect(await find(id)).toMatchObject({ hold: 'breaker-open' });
    });

    it('takes a report about a provider that is gone', async () => {
      await expect(report(randomUUID(), accepted, unknown, refused('line'))).resolves.toBeUndefined();
    });

    it('knows which providers calls may be pinned to', async () => {
      expect(await world.pool.isActive(await world.provider())).toBe(true);
      expect(await world.pool.isActive(await world.provider({ isActive: false }))).toBe(false);
      expect(await world.pool.isActive(randomUUID())).toBe(false);
    });

    it('finds the providers of assistants, leaving out unknown ones', async () => {
      const id = await world.provider();
      const [one, two] = [await world.assistant(id), await world.assistant(id, { isActive: false })];
      const found = await world.pool.providersOfAssistants([one, two, randomUUID()]);
      expect(new Map(found)).toEqual(
        new Map([
          [one, id],
          [two, id],
        ]),
      );
      expect(await world.pool.providersOfAssistants([])).toEqual(new Map());
    });

    it('connects to inactive providers too, and to the same driver each time', async () => {
      const id = await world.provider({ isActive: false });
      expect(await world.pool.connect(id)).toBe(await world.pool.connect(id));
      await expect(world.pool.connect(randomUUID())).rejects.toMatchObject({ code: 'providers.not_found' });
    });

    it('tells vendors where to report', () => {
      expect(world.pool.webhookUrl('an-id')).toBe('https://ringonce.example/v1/webhooks/providers/an-id');
    });

    it('lists all providers in the order they are asked', async () => {
      const [second, first] = [
        await world.provider({ priority: 501 }),
        await world.provider({ priority: 500, isActive: false }),
      ];
      const ids = (await world.pool.overview()).map((one) => one.id);
      expect(ids.indexOf(first)).toBeLessThan(ids.indexOf(second));
    });
  });
}
