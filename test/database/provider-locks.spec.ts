import { randomUUID } from 'node:crypto';
import type { LockedProvider } from '../../src/modules/providers/public/provider-pool.port';
import { type DrizzleProviderWorld, makeDrizzleProviderWorld } from '../support/drizzle-provider-world';
import { waitFor } from '../support/wait-for';

const REPORTS = 8;

let world: DrizzleProviderWorld;
beforeEach(async () => {
  world = await makeDrizzleProviderWorld();
}, 30_000);
afterEach(() => world.close());

/** Whether a connection waits for a lock that another one holds. */
const someoneWaits = async () =>
  (
    await world.database.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).length > 0;
const find = async (id: string) => (await world.run(() => world.pool.lockActive())).find((one) => one.id === id);

/** What a second claim sees of the provider when it waits until `change` of the first one has committed. */
async function seenAfter(id: string, change: (locked: LockedProvider) => Promise<unknown>) {
  let tellLocked: () => void = () => {};
  const isLocked = new Promise<void>((resolve) => (tellLocked = resolve));
  const holder = world.run(async () => {
    const [locked] = await world.pool.lockActive();
    tellLocked();
    await waitFor(someoneWaits, 'the second claim waits');
    await change(locked!);
  });
  await isLocked;
  const second = find(id);
  await holder;
  return second;
}

describe('who waits for the locks', () => {
  it('sees everything that the holder committed', async () => {
    const id = await world.provider({ concurrencyLimit: 1 });
    await world.phoneNumber(id);
    await world.phoneNumber(id);
    let inOrder: string[] = [];
    const seen = await seenAfter(id, async ({ phoneNumbers }) => {
      inOrder = phoneNumbers.map((one) => one.id);
      await world.pool.markNumbersUsed([inOrder[0]!]);
      await world.accounts.change(id, { concurrencyLimit: 7 });
    });
    expect(seen?.limit).toBe(7);
    expect(seen?.phoneNumbers.map((one) => one.id)).toEqual(inOrder.reverse());
  }, 30_000);

  it('finds the probe under way that the holder sent', async () => {
    const id = await world.provider();
    const number = await world.phoneNumber(id);
    const result = { kind: 'unknown', cause: 'timeout' } as const;
    const report = { providerId: id, phoneNumberId: number, result };
    for (let count = 0; count < 3; count += 1) await world.run(() => world.pool.reportPlacement(report));
    await world.elapse(30_001);
    const seen = await seenAfter(id, async (locked) => {
      expect(locked).toMatchObject({ probe: true });
      await world.pool.markNumbersUsed([number]);
    });
    expect(seen).toMatchObject({ hold: 'breaker-open' });
    expect(seen).not.toHaveProperty('probe');
  }, 30_000);

  it('leaves out a provider that was deactivated meanwhile', async () => {
    const id = await world.provider();
    expect(await seenAfter(id, () => world.accounts.change(id, { isActive: false }))).toBeUndefined();
  }, 30_000);
});

describe('reports', () => {
  it('of several instances at once are all counted', async () => {
    const id = await world.provider();
    const result = { kind: 'unknown', cause: 'timeout' } as const;
    const report = () =>
      world.run(() => world.pool.reportPlacement({ providerId: id, phoneNumberId: randomUUID(), result }));
    await Promise.all(Array.from({ length: REPORTS }, report));
    const [row] = await world.database.query<{ failures: number }>(
      'select failures from call_service_providers where id = $1',
      [id],
    );
    expect(row?.failures).toBe(REPORTS);
  }, 30_000);

  it('of accepted calls write nothing when there is nothing to reset', async () => {
    const id = await world.provider();
    const version = () =>
      world.database.query('select xmin::text, ctid::text from call_service_providers where id = $1', [id]);
    const before = await version();
    const result = { kind: 'accepted', providerCallId: 'call-1' } as const;
    await world.run(() => world.pool.reportPlacement({ providerId: id, phoneNumberId: randomUUID(), result }));
    expect(await version()).toEqual(before);
  }, 30_000);

  it('of a refused line say why the number rests', async () => {
    const id = await world.provider();
    const number = await world.phoneNumber(id);
    const result = { kind: 'refused', refusal: 'line', detail: 'daily limit' } as const;
    await world.run(() => world.pool.reportPlacement({ providerId: id, phoneNumberId: number, result }));
    const [row] = await world.database.query<{ reason: string; seconds: number }>(
      `select quarantine_reason as reason, extract(epoch from quarantined_until - now())::int as seconds
       from provider_phone_numbers where id = $1`,
      [number],
    );
    expect(row?.reason).toBe('daily limit');
    expect(row?.seconds).toBeGreaterThan(3_500);
  }, 30_000);
});

it('tells administrators what to do about a refused account', async () => {
  const id = await world.provider();
  const result = { kind: 'refused', refusal: 'account', detail: 'no credit' } as const;
  await world.run(() => world.pool.reportPlacement({ providerId: id, phoneNumberId: randomUUID(), result }));
  const provider = await world.accounts.find(id);
  expect(provider?.pausedUntil).toBeInstanceOf(Date);
  expect(provider?.pauseReason).toMatch(/no credit.*Check its key, credit and plan/);
});
