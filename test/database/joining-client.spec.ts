import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { Pool, PoolClient } from 'pg';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../../src/shared/database/pool';
import { holdOpen } from '../support/held-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

let database: TestDatabase;
let pool: Pool;
let current: Database;
let unitOfWork: DrizzleUnitOfWork;
/** What was sent to the server, one entry for each message with its answer. */
let messages: string[];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.query('delete from stripe_events');
  messages = [];
  // One connection: whatever a unit of work leaves behind on it, the next one would find.
  pool = createPool(database.url, 1);
  pool.on('connect', watch);
  current = new Database(drizzle(pool));
  unitOfWork = new DrizzleUnitOfWork(current);
});
afterEach(() => pool.end());

function watch(client: PoolClient): void {
  const query = client.query.bind(client) as (...values: unknown[]) => unknown;
  const watched = (...values: unknown[]): unknown => {
    const [statement] = values as [string | { text: string }];
    messages.push((typeof statement === 'string' ? statement : statement.text).replaceAll(/\s+/g, ' ').trim());
    return query(...values);
  };
  client.query = watched as PoolClient['query'];
}

const rows = async (text: string) => (await current.current.execute(sql.raw(text))).rows;
const rowsWith = async (value: unknown) => (await current.current.execute(sql`select ${value}::text as value`)).rows;
const put = (id: string) => `insert into stripe_events (id, type, created, payload) values ('${id}', 't', now(), '{}')`;
const kept = async () => (await database.query('select id from stripe_events order by id')).map(({ id }) => id);
const isIdle = async () =>
  (await pool.query<{ started: boolean }>('select now() <> statement_timestamp() as started')).rows[0]?.started ===
  false;

describe('what a unit of work sends', () => {
  it('is BEGIN with its first statement, and nothing at all without one', async () => {
    await unitOfWork.run(() => Promise.resolve());
    expect(messages).toEqual([]);
    expect(await unitOfWork.run(() => rows('select 1 as one'))).toEqual([{ one: 1 }]);
    expect(messages).toEqual([expect.stringMatching(/^begin .*; select 1 as one$/), 'commit']);
  });

  it('is one message for what is asked for together, in order, with an answer to each', async () => {
    const answers = await unitOfWork.run(() =>
      Promise.all([rows(put('a')), rows('select count(*)::int as n from stripe_events'), rows('select 2 as two')]),
    );
    expect(answers).toEqual([[], [{ n: 1 }], [{ two: 2 }]]);
    expect(messages).toHaveLength(2);
    expect(await kept()).toEqual(['a']);
  });

  it('keeps what has parameters behind what was asked for before it', async () => {
    const answers = await unitOfWork.run(() =>
      Promise.all([rows(put('a')), rowsWith('b'), rows('select count(*)::int as n from stripe_events')]),
    );
    expect(answers).toEqual([[], [{ value: 'b' }], [{ n: 1 }]]);
    expect(messages[0]).toMatch(/^begin .*; insert/);
    expect(messages.findIndex((message) => message.includes('$1'))).toBeGreaterThan(0);
  });

  it('does not join rows of different shapes', async () => {
    const answers = await unitOfWork.run(() =>
      Promise.all([
        rows('select 2 as two'),
        current.current.select({ one: sql<number>`1` }).from(sql`(select 1) as it`),
      ]),
    );
    expect(answers).toEqual([[{ two: 2 }], [{ one: 1 }]]);
  });
});

describe('when a statement fails', () => {
  it('neither what is asked for with it nor what was before it is kept', async () => {
    const settled: string[] = [];
    const work = unitOfWork.run(async () => {
      const asked = ['a', 'a', 'b'].map((id) => rows(put(id)));
      for (const { status } of await Promise.allSettled(asked)) settled.push(status);
      await Promise.all(asked);
    });
    await expect(work).rejects.toThrow(/Failed query/);
    expect(settled).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await kept()).toEqual([]);
    expect(await isIdle()).toBe(true);
  });

  it('a connection that cannot begin takes no statement with it', async () => {
    await unitOfWork.run(() => rows('select 1'));
    const [{ pid } = { pid: 0 }] = (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    const work = unitOfWork.run(async () => {
      await database.query(`select pg_terminate_backend(${String(pid)})`);
      await rowsWith('b');
    });
    await expect(work).rejects.toThrow();
    expect(messages.at(-1)).not.toMatch(/\$1/);
    expect(await unitOfWork.run(() => rows('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});

describe('when BEGIN has not been executed', () => {
  /** A message is parsed as a whole: of one that cannot be read nothing is executed, BEGIN neither. */
  const unreadable = () => rows('selec 1').catch(() => undefined);

  it('nothing behind it is executed', async () => {
    const work = unitOfWork.run(async () => {
      await unreadable();
      await rows(put('a'));
    });
    await expect(work).rejects.toThrow();
    expect(await kept()).toEqual([]);
  });

  it('nor is a change that was left for later, and the work has failed', async () => {
    const work = unitOfWork.run(async () => {
      await unreadable();
      await current.change(sql.raw(put('a')));
    });
    await expect(work).rejects.toThrow(/syntax error/);
    expect(await kept()).toEqual([]);
  });
});

describe('what is left for COMMIT', () => {
  it('does not commit after nobody waits for it any more', async () => {
    await database.query(put('a'));
    const impatient = createPool(database.url, 1, 1_500);
    const other = new Database(drizzle(impatient));
    const change = (type: string) => sql`update stripe_events set type = ${sql.raw(`'${type}'`)} where id = 'a'`;
    const end = await holdOpen({ run: (work) => unitOfWork.run(work) }, () => current.current.execute(change('held')));
    const late = new DrizzleUnitOfWork(other).run(() => other.change(change('late')));
    await expect(late).rejects.toThrow(/statement timeout/);
    await end('commit');
    await impatient.end();
    expect(await database.query('select type from stripe_events')).toEqual([{ type: 'held' }]);
  });
});

describe('statements in turn', () => {
  it('have no parameters, which would change the order', async () => {
    const work = unitOfWork.run(() => current.inTurn(sql`select ${'x'}::text as value`));
    await expect(work).rejects.toThrow(/parameters/);
  });

  it('are single ones', async () => {
    const work = unitOfWork.run(() => Promise.all([rows('select 1 as one -- the first'), rows('select 2 as two')]));
    await expect(work).rejects.toThrow(/Failed query/);
  });
});

describe('when the work is over', () => {
  it('nothing is taken for it any more', async () => {
    let end: () => void = () => undefined;
    const isOver = new Promise<void>((resolve) => (end = resolve));
    let afterwards: Promise<PromiseSettledResult<unknown>[]> = Promise.resolve([]);
    await unitOfWork.run(async () => {
      await rows('select 1');
      afterwards = isOver.then(() =>
        Promise.allSettled([current.change(sql.raw(put('a'))), current.inTurn(sql`select 1`), rows(put('b'))]),
      );
    });
    end();
    expect((await afterwards).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await kept()).toEqual([]);
  });

  it('sends nothing that nobody waited for', async () => {
    let late: Promise<unknown> = Promise.resolve();
    const work = unitOfWork.run(() => {
      late = rows(put('a'));
      late.catch(() => undefined);
      return Promise.reject(new Error('no'));
    });
    await expect(work).rejects.toThrow('no');
    await expect(late).rejects.toThrow(/Failed query/);
    expect(messages).toEqual([]);
    expect(await isIdle()).toBe(true);
    expect(await kept()).toEqual([]);
  });
});
