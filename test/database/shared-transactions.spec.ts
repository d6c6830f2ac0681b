import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { DrizzleIdempotencyKeys } from '../../src/shared/database/drizzle-idempotency-keys';
import { factsOf, currentStory, within } from '../../src/shared/observability/story';
import { holdOpen } from '../support/held-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { type UnitsOfWork, unitsOfWork } from '../support/units-of-work';

describe('units of work that share a transaction', () => {
  let test: TestDatabase;
  let service: UnitsOfWork;
  let userId: string;

  beforeAll(async () => {
    test = await createTestDatabase();
    service = unitsOfWork(test.url, 4);
    userId = await test.createUser();
    await test.createUser();
  });
  afterAll(async () => {
    await service.close();
    await test.drop();
  });
  beforeEach(() => test.query('delete from stripe_events'));

  const share = <T>(work: () => Promise<T>) => service.unitOfWork.runShared(work);
  const atOnce = <T>(count: number, work: (index: number) => Promise<T>) =>
    Promise.allSettled(Array.from({ length: count }, (_, index) => share(() => work(index))));
  const put = (id: string) => service.database.changing<string>(sql`(${id}::text || ringonce_test_put(${id}))`);
  const transactionId = () => service.database.value<string>(sql`pg_current_xact_id()::text`);
  const kept = async () => (await test.query('select id from stripe_events order by id')).map(({ id }) => id as string);
  const fulfilled = <T>(settled: readonly PromiseSettledResult<T>[]) =>
    settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const rejected = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));

  beforeAll(() =>
    test.query(`create function ringonce_test_put(given text) returns text language sql volatile as $$
      insert into public.stripe_events (id, type, created, payload) values (given, 't', now(), '{}') returning ''
    $$`),
  );

  /** What the server was sent. */
  async function messagesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    const query = jest.spyOn(Client.prototype, 'query');
    try {
      await work();
      return query.mock.calls.map(([statement]: unknown[]) =>
        typeof statement === 'string' ? statement : (statement as { text: string }).text,
      );
    } finally {
      query.mockRestore();
    }
  }

  it('cost as many messages as one does', async () => {
    await share(transactionId);
    const names = Array.from({ length: 60 }, (_, index) => `put ${String(index)}`);
    const messages = await messagesOf(async () => {
      const ids = await Promise.all(
        names.map((name) =>
          share(async () => {
            const id = await transactionId();
            expect(await put(name)).toBe(name);
            return id;
          }),
        ),
      );
      expect(new Set(ids).size).toBe(1);
    });
    expect(messages).toHaveLength(3);
    expect(await kept()).toEqual(names.sort());
  });

  it('are as many as there are, in as few transactions as hold them', async () => {
    const ids = fulfilled(await atOnce(200, transactionId));
    expect(ids).toHaveLength(200);
    expect(new Set(ids).size).toBe(4);
  });

  it('are one by one what they are alone, nested ones too', async () => {
    const done = await share(async () => {
      const outer = await transactionId();
      const inner = await service.unitOfWork.runShared(transactionId);
      return [outer, inner, await service.unitOfWork.run(transactionId)];
    });
    expect(new Set(done).size).toBe(1);
  });

  it('are left alone by one that reads and rejects', async () => {
    let runs = 0;
    const settled = await atOnce(5, async (index) => {
      runs += 1;
      await transactionId();
      if (index === 2) throw new Error('refused');
      return put(`put ${String(index)}`);
    });
    expect(rejected(settled)).toEqual([new Error('refused')]);
    expect(runs).toBe(5);
    expect(await kept()).toEqual(['put 0', 'put 1', 'put 3', 'put 4']);
  });

  it.each<[how: string, fail: () => Promise<unknown>, verdict: RegExp]>([
    ['has a statement that fails', () => put('put 0'), /Failed query/],
    ['fails by a value that is only read', () => service.database.value(sql`1 / 0`), /Failed query/],
    ['fails by a statement, and does not say so', () => put('put 0').catch(() => 'swallowed'), /nothing was committed/],
    ['rejects after a change', () => put('other').then(() => Promise.reject(new Error('rejects'))), /^rejects$/],
    [
      'rejects after a change in any other way',
      () => service.rows(`delete from stripe_events`).then(() => Promise.reject(new Error('rejects'))),
      /^rejects$/,
    ],
    [
      'rejects after it has locked something',
      () =>
        service.database.inTurn(sql`select pg_advisory_xact_lock(1)`).then(() => Promise.reject(new Error('rejects'))),
      /^rejects$/,
    ],
  ])('are each done again alone when one %s', async (_, fail, verdict) => {
    await test.query(`insert into stripe_events (id, type, created, payload) values ('put 0', 't', now(), '{}')`);
    const runs = new Map<number, number>();
    const effects: number[] = [];
    const settled = await atOnce(4, async (index) => {
      runs.set(index, (runs.get(index) ?? 0) + 1);
      service.unitOfWork.afterCommit(() => effects.push(index));
      await (index === 0 ? fail() : put(`put ${String(index)}`));
    });
    expect(rejected(settled)).toEqual([expect.objectContaining({ message: expect.stringMatching(verdict) as string })]);
    expect([...runs.values()]).toEqual([2, 2, 2, 2]);
    expect(await kept()).toEqual(['put 0', 'put 1', 'put 2', 'put 3']);
    expect(effects.sort()).toEqual([1, 2, 3]);
  });

  describe('at COMMIT', () => {
    const atCommit = (body: string) =>
      test.query(`
        create function ringonce_test_at_commit() returns trigger language plpgsql as $$ begin ${body}; return null; end $$;
        create constraint trigger at_commit after insert on stripe_events deferrable initially deferred
        for each row execute function ringonce_test_at_commit()`);
    afterEach(() => test.query('drop function ringonce_test_at_commit cascade'));

    it('are each done again alone when it is refused', async () => {
      await atCommit(`if new.id = 'put 1' then raise exception 'not this one'; end if`);
      const settled = await atOnce(3, (index) => put(`put ${String(index)}`));
      expect(rejected(settled)).toEqual([expect.objectContaining({ message: 'not this one' })]);
      expect(await kept()).toEqual(['put 0', 'put 2']);
    });

    it('are not done again when nobody can say whether it was done', async () => {
      await atCommit('perform pg_terminate_backend(pg_backend_pid())');
      let runs = 0;
      const settled = await atOnce(3, async (index) => {
        runs += 1;
        await put(`put ${String(index)}`);
      });
      expect(rejected(settled)).toHaveLength(3);
      expect(runs).toBe(3);
    });
  });

  it('go on alone as the users that they become', async () => {
    const who = async () => (await service.rows('select current_user::text as role'))[0]?.role;
    const visible = () => service.rows('select id from user_profiles');
    const alone = async <T>(look: () => Promise<T>) => ({ id: await transactionId(), seen: await look() });
    const settled = await atOnce(3, (index) =>
      index === 1 ? service.unitOfWork.asUser({ sub: userId }, () => alone<unknown>(visible)) : alone<unknown>(who),
    );
    const [first, user, last] = fulfilled(settled);
    expect(user?.seen).toEqual([{ id: userId }]);
    expect([first?.seen, last?.seen]).not.toContain('authenticated');
    expect(new Set([first?.id, user?.id, last?.id]).size).toBe(3);
  });

  it('tell what follows in the story of each', async () => {
    const stories: unknown[] = [];
    const work = (requestId: string) =>
      within('request', { requestId }, () =>
        share(async () => {
          service.unitOfWork.afterCommit(() => stories.push(factsOf(currentStory())));
          await put(requestId);
        }),
      );
    await Promise.all([work('a'), work('b')]);
    expect(stories).toEqual([{ requestId: 'a' }, { requestId: 'b' }]);
  });

  it('do not wait for long for the lock that one of them needs', async () => {
    const lock = async (index: number) => {
      if (index === 0) await service.rows(`select pg_advisory_xact_lock(77)`);
      await put(`put ${String(index)}`);
      done.push(index);
    };
    const done: number[] = [];
    const holder = unitsOfWork(test.url, 1);
    const release = await holdOpen({ run: (work) => holder.unitOfWork.run(work) }, () =>
      holder.rows('select pg_advisory_xact_lock(77)'),
    );
    const [first, ...others] = Array.from({ length: 3 }, (_, index) => share(() => lock(index)));
    await Promise.all(others);
    expect(await kept()).toEqual(['put 1', 'put 2']);
    await release('commit');
    await first;
    await holder.close();
    expect(await kept()).toEqual(['put 0', 'put 1', 'put 2']);
  });

  it('hear it when no connection is to be had, and are not begun', async () => {
    const away = unitsOfWork('postgres://nobody@127.0.0.1:1/none');
    let runs = 0;
    const settled = await Promise.allSettled(
      Array.from({ length: 70 }, () => away.unitOfWork.runShared(() => Promise.resolve((runs += 1)))),
    );
    expect(rejected(settled)).toHaveLength(70);
    expect(rejected(settled)[0]).toMatchObject({ code: 'ECONNREFUSED' });
    expect(runs).toBe(0);
    await away.close();
  });

  it('take a key for one of them', async () => {
    const keys = new DrizzleIdempotencyKeys(service.database);
    const taken = fulfilled(
      await atOnce(4, (index) => keys.take({ subject: 'me', key: index < 3 ? 'same' : 'other' })),
    );
    expect(taken.map(({ isTaken }) => isTaken)).toEqual([true, false, false, true]);
  });
});
