import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Client, type Pool } from 'pg';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../../src/shared/database/pool';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

describe('reads that are asked for together', () => {
  let test: TestDatabase;
  let pool: Pool;
  let database: Database;
  let unitOfWork: DrizzleUnitOfWork;
  beforeAll(async () => {
    test = await createTestDatabase();
    pool = createPool(test.url, 2);
    database = new Database(drizzle(pool));
    unitOfWork = new DrizzleUnitOfWork(database);
  });
  afterAll(async () => {
    await pool.end();
    await test.drop();
  });

  const numbers = (upTo: number) =>
    database.value<readonly number[] | null>(
      sql`(select json_agg(number) from generate_series(1, ${upTo}::int) as number)`,
    );
  const time = () => database.value<string>(sql`'2026-11-23 04:05:06.789+00'::timestamptz`);

  /** How many messages went to the server. */
  async function messagesOf<T>(work: () => Promise<T>): Promise<[result: T, messages: number]> {
    const query = jest.spyOn(Client.prototype, 'query');
    try {
      const result = await work();
      // A new connection begins with a setting of its own.
      const isRead = ([statement]: unknown[]) => JSON.stringify(statement).includes('json_build_array');
      return [result, query.mock.calls.filter(isRead).length];
    } finally {
      query.mockRestore();
    }
  }

  it('share one statement in a unit of work, each with a value of its own', async () => {
    await unitOfWork.run(async () => {
      const [values, messages] = await messagesOf(() => Promise.all([numbers(2), time(), numbers(0)]));
      expect(values).toEqual([[1, 2], '2026-11-23T04:05:06.789+00:00', null]);
      expect(messages).toBe(1);
    });
  });

  it('are asked one after the other when one waits for another', async () => {
    await unitOfWork.run(async () => {
      const [, messages] = await messagesOf(async () => [await numbers(1), await time()]);
      expect(messages).toBe(2);
    });
  });

  it('fail together', async () => {
    const work = unitOfWork.run(() =>
      Promise.all([time(), database.value(sql`1 / 0`)].map((read) => read.catch((error: unknown) => error))),
    );
    await expect(work).rejects.toThrow(/division by zero/);
  });

  it('stand alone outside of a unit of work', async () => {
    const [values, messages] = await messagesOf(() => Promise.all([numbers(1), time()]));
    expect([values.length, messages]).toEqual([2, 2]);
  });
});
