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
const NOTHING = { adopted: 0, lost: 0, live: 0 };
const END = { next: null, ...NOTHING };

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

  const mark = (since = SINCE) => inUnitOfWork.run(() => restorations.mark(since));
  const first = async (): Promise<Comparison> => (await comparisons.open())[0]!;
  const counts = (providerId: string) =>
    database.query('select page, adopted, lost, failures from restored_comparisons where provider_id = $1', [
      providerId,
    ]);

  it('is nobody’s business without a mark, and one instance’s with it', async () => {
    expect(await comparisons.take('one', MINUTE_MS)).toBeUndefined();
    await mark();
    const restore = { since: new Date(SINCE.getTime() - 60 * MINUTE_MS), markedAt: expect.any(Date) };
    expect(await comparisons.take('one', MINUTE_MS)).toEqual(restore);
    expect(await comparisons.take('two', MINUTE_MS)).toBeUndefined();
    expect(await comparisons.take('one', 0)).toEqual(restore);
    expect(await comparisons.take('two', MINUTE_MS)).toEqual(restore);
  });

  it('covers every provider, goes on page by page, and begins anew with a new mark', async () => {
    await mark();
    expect(await comparisons.open()).toHaveLength(2);
    const comparison = await first();
    expect(await comparisons.advance(comparison, { next: 'p2', adopted: 2, lost: 1, live: 0 }, 0)).toBe('under-way');
    expect(await comparisons.advance(comparison, { next: 'p2', adopted: 2, lost: 1, live: 0 }, 0)).toBe('overtaken');
    expect(await comparisons.advance(comparison, END, 0)).toBe('overtaken');
    expect(await first()).toEqual({ ...comparison, page: 'p2' });
    expect(await comparisons.advance(await first(), { next: null, adopted: 1, lost: 1, live: 0 }, 0)).toBe('complete');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 3, lost: 2, failures: 0 }]);
    expect(await comparisons.open()).toHaveLength(1);
    await mark();
    expect(await comparisons.open()).toHaveLength(2);
  });

  it('repeats a look that began too soon after the mark, and counts what is lost once', async () => {
    await mark();
    expect(await comparisons.advance(await first(), { ...END, adopted: 1, lost: 1 }, MINUTE_MS)).toBe('repeat');
    await database.query(`update dispatch_control set restored_at = restored_at - interval '1 minute'`);
    const comparison = await first();
    expect(await comparisons.advance(comparison, { ...END, lost: 1 }, MINUTE_MS)).toBe('complete');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 1, lost: 1, failures: 0 }]);
  });

  it('repeats a look that saw live calls without a slot, on any page, and says how many', async () => {
    await mark();
    const problems = async () =>
      (
        await database.query<{ problem: string | null }>('select problem from restored_comparisons order by problem')
      )[0];
    await comparisons.advance(await first(), { ...NOTHING, next: 'p2', live: 2 }, 0);
    expect(await comparisons.advance(await first(), { ...END, live: 1 }, 0)).toBe('repeat');
    expect((await problems())?.problem).toMatch(/^3 calls are still under way .* hold no slot here$/);
    expect(await comparisons.advance(await first(), { ...END, live: 1 }, 0)).toBe('repeat');
    expect((await problems())?.problem).toMatch(/^1 call is still under way .* holds no slot here$/);
    expect(await comparisons.advance(await first(), END, 0)).toBe('complete');
    expect((await problems())?.problem).toBeNull();
  });

  it('is not ended by whoever began another look than the one under way', async () => {
    await mark();
    const tooSoon = await first();
    await database.query(`update dispatch_control set restored_at = restored_at - interval '1 minute'`);
    expect(await comparisons.advance(await first(), END, 2 * MINUTE_MS)).toBe('repeat');
    expect(await comparisons.advance(tooSoon, END, 0)).toBe('overtaken');
    const before = await first();
    await mark(new Date(SINCE.getTime() - MINUTE_MS));
    await comparisons.open();
    expect(await comparisons.advance(before, END, 0)).toBe('overtaken');
    await comparisons.noteProblem(before, 'away');
    expect(await database.query('select from restored_comparisons where problem is not null')).toEqual([]);
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
    expect(await comparisons.advance(comparison, END, 0)).toBe('complete');
    await comparisons.noteNews(comparison.providerId, call!.id);
    expect(await comparisons.open()).toHaveLength(2);
    expect(await comparisons.advance(comparison, END, 0)).toBe('overtaken');
    await comparisons.noteNews(comparison.providerId, call!.id);
    expect(await comparisons.advance(await first(), END, 0)).toBe('repeat');
    expect(await comparisons.advance(await first(), END, 0)).toBe('complete');
  });

  it('begins at the first page again after several failures in a row', async () => {
    await mark();
    const comparison = await first();
    await comparisons.advance(comparison, { ...NOTHING, next: 'p2', lost: 1 }, 0);
    for (let failure = 1; failure < 5; failure += 1) await comparisons.noteProblem(await first(), 'away');
    expect((await first()).page).toBe('p2');
    await comparisons.noteProblem(comparison, 'away');
    expect((await first()).page).toBe('p2');
    await comparisons.noteProblem(await first(), 'away');
    expect(await counts(comparison.providerId)).toEqual([{ page: null, adopted: 0, lost: 0, failures: 5 }]);
    expect(await comparisons.advance(comparison, END, 0)).toBe('overtaken');
  });

  it.each([
    ['an hour before the moment that it is given', '2026-03-01T12:00:00Z', '2026-03-01T11:00:00Z'],
    ['an hour before the newest record if that is earlier', '2027-01-01T00:00:00Z', '2026-03-05T07:00:00Z'],
  ])('begins %s', async (_what, given, expected) => {
    await database.query(`update dispatch_control set created_at = '2026-03-05T08:00:00Z'`);
    expect(await mark(new Date(given))).toEqual(new Date(expected));
    expect(await mark(new Date('2026-04-01T00:00:00Z'))).toEqual(new Date(expected));
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
