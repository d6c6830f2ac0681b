import { DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

const QUICK = { PROVIDER_COOLDOWN_MS: '100', DISPATCH_INTERVAL_MS: '50' };

let world: DispatchWorld;
afterEach(() => world.stop());

const view = async () => (await world.admin('GET', '/v1/admin/queue')).providers[0];
const refused = async () => (await world.database.query(`select from call_attempts where state = 'refused'`)).length;

/** An account whose vendor carries four calls, although the administrator was told of ten. */
async function startShared(instances = 1): Promise<string[]> {
  world = await DispatchWorld.start({
    instances,
    environment: QUICK,
    concurrencyLimit: 10,
    sandbox: { concurrencyLimit: 4 },
  });
  world.sandbox.order({ times: 'always', call: { holdsWhile: 'in-progress' } });
  const queued = numbers(16);
  await world.queue(queued);
  await waitFor(async () => (await refused()) > 0 && (await view()).inUse === 4, 'the vendor carries what it can');
  return queued;
}

describe('an account that carries less than it was said to', () => {
  it.each([1, 2])('is found out, by %i instance(s), and used for what it carries', async (instances) => {
    await startShared(instances);
    await waitFor(async () => (await view()).effectiveLimit === 4, 'the limit is what the vendor carries');
    const wasted = await refused();
    expect(wasted).toBeLessThanOrEqual(instances * 6);
    // However long the rest takes, no time gives back a slot. Nothing is sent beyond the limit, and freed slots are used.
    await world.database.query(`update call_service_providers set limit_lowered_at = now() + interval '1 hour'`);
    await waitFor(async () => (await view()).pausedUntil === null, 'the cooldown is over');
    await waitFor(async () => {
      world.sandbox.release();
      const left = await world.database.query(`select from call_queue where status in ('queued', 'in-progress')`);
      return left.length === 0;
    }, 'every call has ended');
    expect(await refused()).toBe(wasted);
    expect(world.sandbox.maxLiveCalls).toBe(4);
    expect(Object.keys(world.sandbox.dials().byNumber)).toHaveLength(16);
    expect(await view()).toMatchObject({ concurrencyLimit: 10, effectiveLimit: 4, inUse: 0 });
  });

  it('gets more calls with time, up to what the administrator allows', async () => {
    await startShared();
    await waitFor(async () => (await view()).effectiveLimit === 4, 'the limit is what the vendor carries');
    const pass = (span: string) =>
      world.database.query(`update call_service_providers set limit_lowered_at = limit_lowered_at - $1::interval`, [
        span,
      ]);
    await world.admin('POST', '/v1/admin/queue/pause');
    await pass('61 seconds');
    expect((await view()).effectiveLimit).toBe(6);
    await pass('1 hour');
    expect((await view()).effectiveLimit).toBe(10);
  });

  it('forgets refusals when the administrator says what it carries now', async () => {
    await startShared();
    await waitFor(async () => (await view()).effectiveLimit === 4, 'the limit is what the vendor carries');
    await world.admin('POST', '/v1/admin/queue/pause');
    const path = `/v1/admin/providers/${world.account.id}`;
    expect(await world.admin('PATCH', path, { name: 'Renamed' })).toMatchObject({ effectiveLimit: 4 });
    expect(await world.admin('PATCH', path, { concurrencyLimit: 12 })).toMatchObject({ effectiveLimit: 12 });
  });
});

describe('room that an administrator makes', () => {
  // The tick comes once a minute here, so it is not the tick that lets them out.
  it.each([
    ['a higher limit', { concurrencyLimit: 1 }, { concurrencyLimit: 3 }, 1],
    ['a provider that is switched on', { isActive: false }, { isActive: true, concurrencyLimit: 3 }, 0],
  ])('is used at once: %s', async (_, before, after, carried) => {
    world = await DispatchWorld.start();
    world.sandbox.order({ times: 'always', call: { holdsWhile: 'in-progress' } });
    const path = `/v1/admin/providers/${world.account.id}`;
    await world.admin('PATCH', path, before);
    await world.queue(numbers(3));
    const live = () => world.sandbox.liveCalls;
    await waitFor(async () => live() === carried && (await view()).inUse === carried, 'it carries what it may');
    await world.admin('PATCH', path, after);
    await waitFor(async () => live() === 3 && (await view()).inUse === 3, 'the others go out');
  });
});
