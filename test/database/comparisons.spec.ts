import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { DrizzleComparisons } from '../../src/modules/calls/adapters/drizzle/drizzle-comparisons';
import { DrizzleRestorations } from '../../src/modules/calls/adapters/drizzle/drizzle-restorations';
import type { Comparison } from '../../src/modules/calls/application/ports/comparisons.port';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const SINCE = new Date('2026-03-01T12:00:00.000Z');
const MINUTE_MS = 60_000;
const NOTHING = { adopted: 0, lost: 0 };

describe('the comparison of a restored database', () => {
  let database: TestDatabase;
  let pool: Pool;
  let comparisons: DrizzleComparisons;
  let restorations: DrizzleRestorations;
  let inUnitOfWork: DrizzleUnitOfWork;

  beforeEach(async () => {
    database = await createTestDatabase();
    pool = new Pool({ connectionString: database.url });
    const service = new Database(drizzle(pool));
    comparisons = new DrizzleComparisons(service);
    restorations = new DrizzleRestorations(service);
    inUnitOfWork = new DrizzleUnitOfWork(service);
    await database.query(
      `insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority, is_active)
       values ('one', 'vapi', 'sealed', 1, 1, true), ('two', 'retell', 'sealed', 1, 2, false)`,
    );
  });
  afterEach(async () => {
    await pool.end();
    await database.drop();
  });

  const mark = () => inUnitOfWork.run(() => restorations.mark(SINCE));
  const first = async (): Promise<Comparison> => (await comparisons.open())[0]!;
  const counts = (providerId: string) =>
    database.query('select page, adopted, lost, failures from restored_comparisons where provider_id = $1', [
      providerId,
    ]);

  it('is nobody’s business without a mark, and one instance’s with it', async () => {
    expect(await comparisons.take('one', MINUTE_MS)).toBeUndefined();
    await mark();
    expect(await comparisons.take('one', MINUTE_MS)).toEqual(SINCE);
    expect(await comparisons.take('two', MINUTE_MS)).toBeUndefined();
    expect(await comparisons.take('one', 0)).toEqual(SINCE);
    expect(await comparisons.take('two', MINUTE_MS)).toEqual(SINCE);
  });

  it('covers every provider, goes on page by page, and begins anew with a new mark', async () => {
    await mark();
    expect(await comparisons.open()).toHaveLength(2);
    const comparison = await first();
    expect(await comparisons.advance(comparison, { next: 'p2', adopted: 2, lost: 1 }, 0)).toBe('under-way');
    expect(await comparisons.advance(comparison, { next: 'p2', adopted: 2, lost: 1 }, 0)).toBe('under-way');
    expect(await first()).toEqual({ ...comparison, page: 'p2' });
    expect(await comparisons.advance(await first(), { next: null, adopted: 1, lost: 1 }, 0)).toBe('complete');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 3, lost: 2, failures: 0 }]);
    expect(await comparisons.open()).toHaveLength(1);
    await mark();
    expect(await comparisons.open()).toHaveLength(2);
  });

  it('repeats a look that began too soon after the mark, and counts what is lost once', async () => {
    await mark();
    const comparison = await first();
    expect(await comparisons.advance(comparison, { next: null, adopted: 1, lost: 1 }, MINUTE_MS)).toBe('repeat');
    await database.query(`update dispatch_control set restored_at = restored_at - interval '1 minute'`);
    expect(await comparisons.advance(comparison, { next: null, adopted: 0, lost: 1 }, MINUTE_MS)).toBe('complete');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 1, lost: 1, failures: 0 }]);
  });

  it('repeats a look when a vendor meanwhile speaks of a call that is known, and of no other', async () => {
    await mark();
    const comparison = await first();
    const userId = await database.createUser();
    const [call] = await database.query<{ id: string }>(
      `insert into call_queue (user_id, recipient_number) values ($1, '+12025550123') returning id`,
      [userId],
    );
    await comparisons.noteNews(comparison.providerId, userId);
    expect(await comparisons.advance(comparison, { next: null, ...NOTHING }, 0)).toBe('complete');
    await comparisons.noteNews(comparison.providerId, call!.id);
    expect(await comparisons.open()).toHaveLength(2);
    await comparisons.noteNews(comparison.providerId, call!.id);
    expect(await comparisons.advance(comparison, { next: null, ...NOTHING }, 0)).toBe('repeat');
    expect(await comparisons.advance(comparison, { next: null, ...NOTHING }, 0)).toBe('complete');
  });

  it('begins at the first page again after several failures in a row', async () => {
    await mark();
    const comparison = await first();
    await comparisons.advance(comparison, { next: 'p2', adopted: 0, lost: 1 }, 0);
    for (let failure = 1; failure < 5; failure += 1) await comparisons.noteProblem(comparison.providerId, 'away');
    expect((await first()).page).toBe('p2');
    await comparisons.noteProblem(comparison.providerId, 'away');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 0, lost: 0, failures: 5 }]);
  });

  it('is marked only once the claims under way have committed', async () => {
    const claim = await pool.connect();
    await claim.query('begin; select from call_service_providers order by id for update');
    let isMarked = false;
    const marking = mark().then(() => (isMarked = true));
    const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    await waitFor(async () => (await database.query(waits)).length > 0, 'the mark waits for the claim');
    expect(isMarked).toBe(false);
    await claim.query('commit');
    claim.release();
    await marking;
    expect(isMarked).toBe(true);
  });
});
