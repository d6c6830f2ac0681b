import { IdempotencyKeys } from '../../src/shared/http/idempotency-keys.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { gate, ProbeModule } from '../support/probe.module';
import { type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

let service: Service;
let userId: string;
let token: string;

beforeAll(async () => {
  service = await startService({ additions: [ProbeModule] });
});
beforeEach(async () => {
  userId = await service.database.createUser();
  token = await service.token({ userId });
});
afterAll(() => service.stop());

const create = (key: string | undefined, body: unknown, as = token, path = '/v1/probe/notes') =>
  service.request('POST', path, { token: as, body, headers: key === undefined ? {} : { 'idempotency-key': key } });

/** What the handlers have written, as far as it was committed. */
async function effects(of = userId): Promise<string | null> {
  const [row] = await service.database.query<{ address: string | null }>(
    'select address from user_profiles where id = $1',
    [of],
  );
  return row?.address ?? null;
}

describe('an Idempotency-Key', () => {
  it('makes a repeated request return the first answer, once done', async () => {
    const first = await create('k', { text: 'a', tags: ['x'] });
    const again = await create('k', { tags: ['x'], text: 'a' });
    expect(first.status).toBe(201);
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await effects()).toBe('a;');
  });

  it('replays the status that the handler chose', async () => {
    await create('k', { text: 'accepted' });
    expect((await create('k', { text: 'accepted' })).status).toBe(202);
  });

  it.each([
    ['another body', { text: 'b' }, '/v1/probe/notes'],
    ['another route', { text: 'a' }, '/v1/probe/notes/7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11/again'],
  ])('refuses %s', async (_, body, path) => {
    await create('k', { text: 'a' });
    const answer = await create('k', body, token, path);
    expect(answer).toMatchObject({ status: 409, body: { code: 'request.idempotency_conflict' } });
    expect(await effects()).toBe('a;');
  });

  it('tells two ids of one route apart', async () => {
    await create('k', undefined, token, '/v1/probe/notes/7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a11/again');
    const answer = await create('k', undefined, token, '/v1/probe/notes/7b1a3c52-0d64-4f8e-9c8e-2f6f5d0f1a12/again');
    expect(answer).toMatchObject({ status: 409, body: { code: 'request.idempotency_conflict' } });
  });

  it('refuses a second request while the first still runs', async () => {
    gate.close();
    const first = create('k', { text: 'a' });
    await gate.arrival;
    const second = await create('k', { text: 'a' });
    gate.release();
    expect(second).toMatchObject({ status: 409, body: { code: 'request.in_progress' } });
    expect((await first).status).toBe(201);
    expect((await create('k', { text: 'a' })).headers.get('idempotent-replayed')).toBe('true');
    expect(await effects()).toBe('a;');
  });

  it.each([
    ['a refusal', 'fail', 409],
    ['a failure', 'crash', 500],
  ])('does not keep %s, nor its effect', async (_, text, status) => {
    expect((await create('k', { text })).status).toBe(status);
    expect((await create('k', { text })).headers.has('idempotent-replayed')).toBe(false);
    expect((await create('k', { text: 'a' })).status).toBe(201);
    expect(await effects()).toBe('a;');
  });

  it('does not keep a request that was not valid', async () => {
    expect((await create('k', { text: '' })).status).toBe(400);
    expect((await create('k', { text: 'a' })).status).toBe(201);
  });

  it('belongs to its user', async () => {
    const otherId = await service.database.createUser();
    await create('k', { text: 'a' });
    const answer = await create('k', { text: 'b' }, await service.token({ userId: otherId }));
    expect(answer.status).toBe(201);
    expect(await effects(otherId)).toBe('b;');
  });

  it('is forgotten after 24 hours', async () => {
    await create('k', { text: 'a' });
    await service.database.query(`update idempotency_keys set created_at = now() - interval '25 hours'`);
    const answer = await create('k', { text: 'b' });
    expect(answer.status).toBe(201);
    expect(await effects()).toBe('a;b;');
  });

  it('is optional', async () => {
    await create(undefined, { text: 'a' });
    await create(undefined, { text: 'a' });
    expect(await effects()).toBe('a;a;');
  });

  it.each([
    ['empty', ''],
    ['longer than 255 characters', 'k'.repeat(256)],
  ])('that is %s is refused', async (_, key) => {
    expect(await create(key, { text: 'a' })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ path: 'Idempotency-Key' }] },
    });
  });

  it('may have 255 characters', async () => {
    expect((await create('k'.repeat(255), { text: 'a' })).status).toBe(201);
  });
});

describe('an Idempotency-Key of a request that asks a vendor', () => {
  const createApart = (text = 'a') => create('k', { text }, token, '/v1/probe/notes/apart');
  const inProgress = { status: 409, body: { code: 'request.in_progress' } };
  /** As if so much time had passed since the last sign of life. */
  const age = (time: string) =>
    service.database.query(`update idempotency_keys set created_at = created_at - $2::interval where subject = $1`, [
      userId,
      time,
    ]);
  const silence = async (): Promise<number> => {
    const [row] = await service.database.query<{ seconds: number }>(
      `select extract(epoch from clock_timestamp() - created_at)::float8 as seconds from idempotency_keys where subject = $1`,
      [userId],
    );
    return row!.seconds;
  };
  /** What a process that died in the middle leaves behind. */
  const leaveBehind = async (run: string): Promise<void> => {
    const [row] = await service.database.query<{ route: string; request_hash: string }>(
      `select route, request_hash from idempotency_keys where subject = $1`,
      [userId],
    );
    const question = { route: row!.route, requestHash: row!.request_hash };
    await service.database.query(`delete from idempotency_keys where subject = $1`, [userId]);
    expect(await inUnitOfWork((keys) => keys.begin({ subject: userId, key: 'k' }, question, run))).toBe(true);
  };
  const inUnitOfWork = <T>(work: (keys: IdempotencyKeys) => Promise<T>): Promise<T> => {
    const [unitOfWork, keys] = [service.app.get(UnitOfWork), service.app.get(IdempotencyKeys, { strict: false })];
    return unitOfWork.run(() => work(keys));
  };

  it('belongs to its first request however long that takes, as long as it lives', async () => {
    gate.close();
    const first = createApart();
    await gate.arrival;
    for (let round = 0; round < 2; round += 1) {
      await age('10 minutes');
      await waitFor(async () => (await silence()) < 60, 'the slow request gives a sign of life', 20_000);
      expect(await createApart()).toMatchObject(inProgress);
    }
    gate.release();
    expect(await first).toMatchObject({ status: 201, body: { text: 'a' } });
    expect((await createApart()).headers.get('idempotent-replayed')).toBe('true');
    expect(await effects()).toBe('a;');
  }, 60_000);

  it('is free again when its process has died', async () => {
    await createApart();
    await leaveBehind('of one who died');
    expect(await createApart()).toMatchObject(inProgress);
    await age('10 minutes');
    expect((await createApart()).headers.has('idempotent-replayed')).toBe(false);
    expect(await effects()).toBe('a;a;');
  });

  it('is not taken from its second request by the first one, which was taken for dead', async () => {
    await createApart();
    await leaveBehind('the second one');
    await age('1 minute');
    const key = { subject: userId, key: 'k' };
    await inUnitOfWork((keys) => keys.touch(key, 'the first one'));
    expect(await silence()).toBeGreaterThan(55);
    await inUnitOfWork((keys) => keys.forget(key, 'the first one'));
    expect(await createApart()).toMatchObject(inProgress);
    await inUnitOfWork((keys) => keys.touch(key, 'the second one'));
    expect(await silence()).toBeLessThan(55);
    await inUnitOfWork((keys) => keys.forget(key, 'the second one'));
    expect((await createApart()).status).toBe(201);
  });

  it('keeps the answer of the run that has it, however many others are done at the same time', async () => {
    const key = { subject: userId, key: 'several' };
    const question = { route: 'POST /v1/probe', requestHash: 'hash' };
    const answerOf = (run: string) => ({ ...question, status: 200, response: { run } });
    await inUnitOfWork((keys) => keys.begin(key, question, 'one'));
    const runs = ['two', 'three', 'one', 'four', 'five'];
    await Promise.all(runs.map((run) => inUnitOfWork((keys) => keys.keep(key, answerOf(run), run))));
    expect(await inUnitOfWork((keys) => keys.find(key))).toMatchObject(answerOf('one'));
    // Nobody begins over an answer, nor over a run that lives.
    expect(await inUnitOfWork((keys) => keys.begin(key, question, 'six'))).toBe(false);
    expect(await inUnitOfWork((keys) => keys.find(key))).toMatchObject(answerOf('one'));
    const other = { subject: userId, key: 'another' };
    expect(await inUnitOfWork((keys) => keys.begin(other, question, 'one'))).toBe(true);
    expect(await inUnitOfWork((keys) => keys.begin(other, question, 'two'))).toBe(false);
  });

  it('has the answer of whoever is done first, when all were taken for dead and forgot it', async () => {
    const key = { subject: userId, key: 'forgotten' };
    const answerOf = (run: string) => ({ route: 'r', requestHash: 'h', status: 200, response: { run } });
    const runs = ['one', 'two', 'three', 'four'];
    await Promise.all(runs.map((run) => inUnitOfWork((keys) => keys.keep(key, answerOf(run), run))));
    expect(runs).toContain(((await inUnitOfWork((keys) => keys.find(key)))?.response as { run: string }).run);
  });

  it('keeps no failure', async () => {
    expect((await createApart('crash')).status).toBe(500);
    expect((await createApart()).status).toBe(201);
  });
});
