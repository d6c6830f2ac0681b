import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { keepOutput, recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET, send } from '../support/service';
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

function run(environment: Readonly<Record<string, string>>): Run {
  const child = spawn(process.execPath, [MAIN], { env: { LOG_LEVEL: 'verbose', ...environment } });
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
  return { NODE_ENV: 'production', ...secrets, PORT: String(await freePort()) };
}

describe('the process', () => {
  it('names every problem of its configuration and exits 78', async () => {
    const { code, said } = run({ NODE_ENV: 'production', PORT: 'x', SUPABASE_JWT_SECRET: 'hunter2' });
    expect(await code).toBe(78);
    for (const name of ['PORT', 'DATABASE_URL', 'CREDENTIALS_KEYS', 'SUPABASE_JWT_SECRET'])
      expect(said()).toContain(name);
    expect(said()).not.toMatch(/hunter2|\n\s+at /);
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
});
