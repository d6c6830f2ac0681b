import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { JoseCredentialsCipher } from '../../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { DispatchWorld, numbers } from '../support/dispatch-world';
import { keepOutput, keysOf, makeSecret, recordEnvironment } from '../support/run-record';
import { createTestDatabase } from '../support/test-database';

jest.setTimeout(90_000);

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [OLD, NEW, LOST] = [key('old'), key('new'), key('lost')];

interface Run {
  readonly code: number;
  readonly said: string;
}

/** The command as an operator runs it, in a process of its own. */
async function rotate(databaseUrl: string, keys: string): Promise<Run> {
  recordEnvironment({ DATABASE_URL: databaseUrl, CREDENTIALS_KEYS: keys });
  const script = ['--require', './test/support/typescript-hook.cjs', 'scripts/credentials-rotate.ts'];
  const child = spawn(process.execPath, script, { env: { DATABASE_URL: databaseUrl, CREDENTIALS_KEYS: keys } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  keepOutput(said);
  return { code, said };
}

describe('rotating credentials', () => {
  let world: DispatchWorld;
  afterEach(() => world.stop());

  const keyIds = async () => {
    const rows = await world.database.query<{ name: string; api_credentials: string }>(
      'select name, api_credentials from call_service_providers order by name',
    );
    const cipher = new JoseCredentialsCipher({ keys: [] });
    return rows.map((row) => [row.name, cipher.keyIdOf(row.api_credentials)]);
  };
  const secretFree = (said: string) =>
    expect(said).not.toMatch(new RegExp(['sandbox-key', 'eyJ', OLD.slice('old:'.length)].join('|')));

  it('goes on under calls without one that fails, and is done when it is repeated', async () => {
    world = await DispatchWorld.start({ instances: 2, environment: { CREDENTIALS_KEYS: `${OLD},${NEW}` } });
    await world.addAccount('second', 2, 10);
    const held = numbers(4);
    for (const number of held) world.sandbox.order({ number, call: { holdsWhile: 'in-progress' } });
    await world.queue(held);
    await world.sandbox.waitFor((sandbox) => sandbox.liveCalls === 4);

    const traffic = { isOver: false };
    const queued: string[] = [...held];
    const queueing = (async () => {
      for (let from = 10; !traffic.isOver; from += 5) {
        const batch = numbers(5, from);
        queued.push(...batch);
        await world.queue(batch);
        await world.sandbox.waitFor((sandbox) => batch.every((number) => sandbox.dialsTo(number) === 1), 20_000);
      }
    })();
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length >= 20);
    const first = await rotate(world.database.url, `${NEW},${OLD}`);
    const before = world.sandbox.posts.length;
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length >= before + 10);
    traffic.isOver = true;
    await queueing;
    world.sandbox.release();
    await world.settled();

    expect(first).toMatchObject({ code: 0, said: expect.stringContaining('"new": 2 rotated, 0 already there') });
    expect(first.said).toContain('first: from key "old" to "new"');
    secretFree(first.said);
    expect(await keyIds()).toEqual([
      ['first', 'new'],
      ['second', 'new'],
    ]);
    expect(await world.database.query('select status, count(*)::int from call_queue group by 1')).toEqual([
      { status: 'completed', count: queued.length },
    ]);
    expect(world.sandbox.posts.map(({ number }) => number).sort()).toEqual([...queued].sort());
    const again = await rotate(world.database.url, `${NEW},${OLD}`);
    expect(again).toMatchObject({ code: 0, said: expect.stringContaining('0 rotated, 2 already there') });
    // The old key may go now.
    expect(await rotate(world.database.url, NEW)).toMatchObject({ code: 0 });
    const { items } = await world.admin('GET', '/v1/admin/audit?action=provider.rotate_credentials');
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({
      actor: { kind: 'system', userId: null },
      before: { credentials: { set: true, keyId: 'old' } },
      after: { credentials: { set: true, keyId: 'new' } },
      requestId: null,
    });
  });

  it('leaves what it cannot read, names the provider and the key, and rotates the others', async () => {
    world = await DispatchWorld.start({ environment: { CREDENTIALS_KEYS: `${OLD},${NEW}` } });
    const lost = new JoseCredentialsCipher({ keys: keysOf(LOST) });
    const id = 'c0ffee00-0000-4000-8000-000000000001';
    const unreadable = await lost.encrypt({ id, name: 'Forgotten' }, { apiKey: makeSecret('forgotten-key') });
    await world.database.query(
      `insert into call_service_providers (id, name, driver, api_credentials, concurrency_limit, priority)
       values ($1, 'Forgotten', 'vapi', $2, 1, 9), (gen_random_uuid(), 'Damaged', 'vapi', 'sealed', 1, 9)`,
      [id, unreadable],
    );
    const { code, said } = await rotate(world.database.url, `${NEW},${OLD}`);
    expect(code).toBe(1);
    expect(said).toMatch(/Forgotten: .*key "lost"/);
    expect(said).toMatch(/Damaged: .*key "unknown"/);
    expect(said).toContain('1 rotated, 0 already there, 2 unreadable');
    secretFree(said);
    expect(await keyIds()).toEqual([
      ['Damaged', null],
      ['Forgotten', 'lost'],
      ['first', 'new'],
    ]);
    expect((await rotate(world.database.url, `${NEW},${OLD}`)).code).toBe(1);
  });
});

it('names what its configuration lacks, and exits 78', async () => {
  const { code, said } = await rotate('', '');
  expect(code).toBe(78);
  expect(said).toMatch(/DATABASE_URL.*required/);
  expect(said).toMatch(/CREDENTIALS_KEYS.*required/);
});

it('has nothing to do without providers', async () => {
  const database = await createTestDatabase();
  expect(await rotate(database.url, NEW)).toMatchObject({ code: 0, said: expect.stringContaining('0 rotated') });
  await database.drop();
});
