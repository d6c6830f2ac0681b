import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { folderInRun, keepOutput, recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET, send } from '../support/service';
import { TcpPassage } from '../support/tcp-passage';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

/** The service as operators run it: its own process, from the build that `npm test` makes first. */
const MAIN = 'dist/src/main.js';

let database: TestDatabase;
const children: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database.drop();
});

interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly code: Promise<number | null>;
}

function run(environment: Readonly<Record<string, string>>, ...parameters: readonly string[]): Run {
  const child = spawn(process.execPath, [...parameters, MAIN], { env: { LOG_LEVEL: 'verbose', ...environment } });
  children.push(child);
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
    keepOutput(chunk);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return { child, said: () => said, code: once(child, 'close').then(([code]) => code as number | null) };
}

async function configured(): Promise<Record<string, string>> {
  const secrets = { DATABASE_URL: database.url, SUPABASE_JWT_SECRET: JWT_SECRET, CREDENTIALS_KEYS };
  recordEnvironment(secrets);
  const port = String(await freePort());
  return { NODE_ENV: 'production', ...secrets, PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` };
}

describe('the process', () => {
  it('names every problem of its configuration and exits 78', async () => {
    const { code, said } = run({ NODE_ENV: 'production', PORT: 'x', SUPABASE_JWT_SECRET: 'hunter2' });
    expect(await code).toBe(78);
    for (const name of ['PORT', 'DATABASE_URL', 'CREDENTIALS_KEYS', 'SUPABASE_JWT_SECRET'])
      expect(said()).toContain(name);
    expect(said()).not.toMatch(/hunter2|\n\s+at /);
  });

  it('names missing and weak secrets without showing them, and exits 78', async () => {
    const weak = {
      SUPABASE_JWT_SECRET: 'w'.repeat(48),
      CREDENTIALS_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      VAPI_API_KEY: 'your-key',
    };
    const { code, said } = run({ ...(await configured()), ...weak, DATABASE_URL: '', PUBLIC_URL: '' });
    expect(await code).toBe(78);
    for (const name of ['DATABASE_URL', 'PUBLIC_URL']) expect(said()).toContain(`  ${name}: is required`);
    for (const [name, secret] of Object.entries(weak)) {
      expect(said()).toContain(`  ${name}: is an example or easily guessed`);
      expect(said()).not.toContain(secret);
    }
  });

  it('takes its secrets from files', async () => {
    const environment = await configured();
    const folder = folderInRun('secret-files-');
    for (const name of ['DATABASE_URL', 'SUPABASE_JWT_SECRET', 'CREDENTIALS_KEYS']) {
      // Beside what is searched for secrets, where they may not be in clear.
      const file = join(folder, name);
      await writeFile(file, `${environment[name] ?? ''}\n`);
      environment[`${name}_FILE`] = file;
      environment[name] = '';
    }
    const { child, code, said } = run(environment);
    await waitFor(() => said().includes('listens on'), 'the service listens', 30_000);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
    await rm(folder, { recursive: true });
  });

  it('names a file that cannot be read and exits 78', async () => {
    const environment = { ...(await configured()), CREDENTIALS_KEYS: '', CREDENTIALS_KEYS_FILE: '/nowhere/hunter2' };
    const { code, said } = run(environment);
    expect(await code).toBe(78);
    expect(said()).toContain('CREDENTIALS_KEYS_FILE: cannot be read (ENOENT)');
    expect(said()).not.toContain('hunter2');
  });

  it('says that its port is taken and exits 1', async () => {
    const environment = await configured();
    const squatter = createServer().listen(Number(environment['PORT']), '127.0.0.1');
    await once(squatter, 'listening');
    const { code, said } = run(environment);
    expect(await code).toBe(1);
    expect(said()).toContain(`Port ${environment['PORT'] ?? ''} on 127.0.0.1 is in use`);
    squatter.close();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, serves, and ends in order on %s', async (signal) => {
    const environment = await configured();
    const { child, code, said } = run(environment);
    const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
    await waitFor(() => said().includes(`listens on ${url}`), 'the service says where it listens', 30_000);
    expect((await send(`${url}/health/ready`, 'GET')).status).toBe(200);
    child.kill(signal);
    expect(await code).toBe(0);
  });

  it('still takes requests after SIGTERM, as long as it is told to, and says at once that it gets no more', async () => {
    const environment: Record<string, string> = { ...(await configured()), SHUTDOWN_DELAY_MS: '600000' };
    const { child, code, said } = run(environment);
    await waitFor(() => said().includes('listens on'), 'the service listens', 30_000);
    const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
    child.kill('SIGTERM');
    const isLeaving = async () => (await send(`${url}/health/ready`, 'GET')).status === 503;
    await waitFor(isLeaving, 'the service says that it is about to end');
    expect((await send(`${url}/v1/me`, 'GET', { headers: { connection: 'close' } })).status).toBe(401);
    // The second one ends it at once, as ever.
    child.kill('SIGTERM');
    expect(await code).toBe(143);
  });

  it('waits for a database that is not there yet: alive, not ready, and saying so; then it is ready', async () => {
    const environment = await configured();
    const there = new URL(environment['DATABASE_URL'] ?? '');
    const port = Number(there.port);
    let isThere = false;
    const passage = await TcpPassage.open(() => (isThere ? port : undefined));
    there.port = String(passage.port);
    const { child, code, said } = run({ ...environment, DATABASE_URL: there.href });
    const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
    try {
      await waitFor(
        () => said().includes('The database is not there yet'),
        'the service says what it waits for',
        30_000,
      );
      expect((await send(`${url}/health/live`, 'GET')).status).toBe(200);
      expect((await send(`${url}/health/ready`, 'GET')).status).toBe(503);
      isThere = true;
      await waitFor(() => said().includes('The database answers after'), 'the service says that it is there', 30_000);
      await waitFor(async () => (await send(`${url}/health/ready`, 'GET')).status === 200, 'the service is ready');
    } finally {
      child.kill('SIGTERM');
      await code;
      await passage.close();
    }
  });

  it('ends in order while it waits for its database', async () => {
    const environment = await configured();
    const nowhere = `postgresql://ringonce@127.0.0.1:${String(await freePort())}/none`;
    const { child, code, said } = run({ ...environment, DATABASE_URL: nowhere });
    await waitFor(() => said().includes('The database is not there yet'), 'the service waits', 30_000);
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });

  it.each([
    ['a wrong password', (url: URL) => void (url.password = randomBytes(16).toString('hex'))],
    ['a database that does not exist', (url: URL) => void (url.pathname = '/nowhere')],
  ])('waits in vain for %s, so it says that and exits 78', async (_, spoil) => {
    const environment = await configured();
    const url = new URL(environment['DATABASE_URL'] ?? '');
    spoil(url);
    const { code, said } = run({ ...environment, DATABASE_URL: url.href });
    expect(await code).toBe(78);
    expect(said()).toContain('DATABASE_URL: the database server refuses it');
    expect(said()).not.toMatch(new RegExp(`${url.password}|\\n\\s+at `));
  });

  it('logs JSON outside a terminal, and never a token', async () => {
    const environment = await configured();
    const { child, code, said } = run(environment);
    await waitFor(() => said().includes('listens on'), 'the service listens', 30_000);
    const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
    await send(`${url}/v1/me?token=hunter2`, 'GET', { token: 'hunter2' });
    await waitFor(() => said().includes('GET /v1/me 401'), 'the request is logged');
    child.kill('SIGTERM');
    await code;
    const lines = said().trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ message: expect.any(String) });
    expect(said()).not.toContain('hunter2');
  });

  it('ends with a line of what nobody has caught, without a value of it, and tells a warning in a line', async () => {
    const { child, code, said } = run(await configured(), '--require', join(__dirname, 'uncaught-error.cjs'));
    await waitFor(() => said().includes('listens on'), 'the service listens', 30_000);
    child.kill('SIGUSR2');
    expect(await code).toBe(1);
    const lines = said()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', context: 'Node', message: expect.stringContaining('is deprecated') }),
    );
    expect(lines.at(-1)).toMatchObject({
      level: 'fatal',
      message: expect.stringMatching(/insert into call_queue[^]*violates check constraint/),
    });
    expect(said()).not.toMatch(/2025550123|Ottoline/);
  });

  it.each([
    ['has no reader any more', 'pipe'],
    ['cannot be written', '/dev/full'],
  ])('serves on and ends in order when its log %s', async (_, output) => {
    const environment = await configured();
    const url = `http://127.0.0.1:${environment['PORT'] ?? ''}`;
    const stream = output === 'pipe' ? output : openSync(output, 'w');
    const child = spawn(process.execPath, [MAIN], {
      env: { LOG_LEVEL: 'verbose', ...environment },
      stdio: ['ignore', stream, stream],
    });
    children.push(child);
    const ended = once(child, 'exit');
    child.stdout?.destroy();
    child.stderr?.destroy();
    const isAlive = async () => (await send(`${url}/health/live`, 'GET')).status === 200;
    await waitFor(() => isAlive().catch(() => false), 'the service serves', 30_000);
    for (let times = 0; times < 3; times += 1) expect((await send(`${url}/v1/me`, 'GET')).status).toBe(401);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    if (typeof stream === 'number') closeSync(stream);
  });
});
