import { readFile } from 'node:fs/promises';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** What was recorded before a plan ended by itself when nobody confirms it. */
describe('the migration of unconfirmed plans', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  async function subscribe(status: string, paymentId: string | null, grantsUntil: string | null): Promise<void> {
    await database.query(
      `insert into user_subscriptions
         (user_id, plan_id, status, stripe_sub_id, grants_until, current_period_start, current_period_end)
       select $1, id, $2, $3, $4, '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'
         from subscription_plans where slug = 'basic' and interval = 'monthly'`,
      [await database.createUser(), status, paymentId, grantsUntil],
    );
  }

  it('gives those of a payment side an end, and leaves all others alone', async () => {
    await subscribe('active', 'sub_active', null);
    await subscribe('trialing', 'sub_trialing', null);
    await subscribe('active', 'sub_ending', '2026-11-01T00:00:00Z');
    await subscribe('past_due', 'sub_owing', '2026-10-08T00:00:00Z');
    await subscribe('canceled', 'sub_over', null);
    await subscribe('active', null, null);
    await database.query(await readFile('drizzle/0012_unconfirmed_plans.sql', 'utf8'));
    const rows = await database.query<{ id: string | null; until: Date | null }>(
      'select stripe_sub_id as id, grants_until as until from user_subscriptions order by stripe_sub_id nulls last',
    );
    expect(rows.map(({ id, until }) => [id, until?.toISOString() ?? null])).toEqual([
      ['sub_active', '2026-11-08T00:00:00.000Z'],
      ['sub_ending', '2026-11-01T00:00:00.000Z'],
      ['sub_over', null],
      ['sub_owing', '2026-10-08T00:00:00.000Z'],
      ['sub_trialing', '2026-11-08T00:00:00.000Z'],
      [null, null],
    ]);
  });
});
