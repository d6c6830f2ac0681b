import { randomUUID } from 'node:crypto';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { DrizzleAdoptions } from '../../src/modules/calls/adapters/drizzle/drizzle-adoptions';
import type { PlacedCall } from '../../src/modules/providers/public/call-provider.port';
import { Database } from '../../src/shared/database/database';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const PROVIDERS = ['one', 'two', 'other'] as const;

describe('lost attempts', () => {
  let database: TestDatabase;
  let pool: Pool;
  let adoptions: DrizzleAdoptions;
  const ids = {} as Record<(typeof PROVIDERS)[number], string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new Pool({ connectionString: database.url });
    adoptions = new DrizzleAdoptions(new Database(drizzle(pool)));
    for (const [index, name] of PROVIDERS.entries()) {
      const [provider] = await database.query<{ id: string }>(
        `insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority)
         values ($1, $2, 'sealed', 1, $3) returning id`,
        [name, name === 'other' ? 'retell' : 'vapi', index + 1],
      );
      ids[name] = provider!.id;
    }
    await database.query(
      `insert into provider_phone_numbers (provider_id, phone_id, full_number, country_code, phone_number)
       values ($1, 'line-1', '+12025550101', '1', '2025550101'), ($2, 'line-2', '+12025550102', '1', '2025550102'), ($3, 'line-3', '+12025550103', '1', '2025550103')`,
      PROVIDERS.map((name) => ids[name]),
    );
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const placed = (change: Partial<PlacedCall>): PlacedCall => ({
    attemptId: randomUUID(),
    report: { providerCallId: 'call', progress: 'queued' },
    ...change,
  });

  it('belong to the provider that the call names, if it is known, or else to the one whose number called', async () => {
    const placedBy = (change: Partial<PlacedCall>) => adoptions.placedBy(ids.one, placed(change));
    expect(await placedBy({ providerId: ids.two, fromExternalId: 'line-1' })).toBe(ids.two);
    expect(await placedBy({ providerId: randomUUID(), fromExternalId: 'line-1' })).toBe(ids.one);
    expect(await placedBy({ fromExternalId: 'line-2' })).toBe(ids.two);
    expect(await placedBy({ fromExternalId: 'line-3' })).toBe(ids.one);
    expect(await placedBy({})).toBe(ids.one);
    await database.query(`update provider_phone_numbers set phone_id = 'line-1' where provider_id = $1`, [ids.two]);
    expect(await placedBy({ fromExternalId: 'line-1' })).toBe(ids.one);
    expect(await adoptions.placedBy(ids.two, placed({ fromExternalId: 'line-1' }))).toBe(ids.two);
  });

  it('find the open attempt of their call, and whether it is younger than the mark', async () => {
    const [call] = await database.query<{ id: string }>(
      `insert into call_queue (user_id, recipient_number) values ($1, '+12025550123') returning id`,
      [await database.createUser()],
    );
    await database.query(
      `with assistant as (insert into provider_assistants (provider_id, external_id, name) values ($2, 'a', 'a') returning id)
       insert into call_attempts (call_queue_id, provider_id, phone_number_id, assistant_id, state, reserved_minutes, claimed_by, created_at)
       select $1, $2, number.id, assistant.id, 'unknown', 1, 'instance', '2026-03-01T12:00:00Z'
         from provider_phone_numbers as number, assistant where provider_id = $2`,
      [call!.id, ids.one],
    );
    const openAttempt = async (restoredAt: string | null) => {
      await database.query('update dispatch_control set restored_at = $1, compared_since = $1', [restoredAt]);
      return (await adoptions.lockCall(call!.id, randomUUID()))?.openAttempt;
    };
    expect(await openAttempt('2026-03-01T12:00:01Z')).toMatchObject({ state: 'unknown', isOfNow: false });
    expect(await openAttempt('2026-03-01T11:59:59Z')).toMatchObject({ state: 'unknown', isOfNow: true });
    expect(await openAttempt(null)).toMatchObject({ state: 'unknown', isOfNow: true });
  });
});
