import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_USER } from '../../src/local/prepare-local-mode';
import { urlOfDatabase, withSession } from '../../src/shared/database/connection';
import { keepOutput, recordEnvironment } from '../support/run-record';
import { freePort, JWT_SECRET, type Service, startService } from '../support/service';

/** The commands that containers are started with, from the build that `npm test` makes first. */
interface Ended {
  readonly code: number | null;
  readonly said: string;
}

let folder: string;
let service: Service;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringonce-commands-'));
  service = await startService();
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

async function run(command: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const [script = '', ...parameters] = command;
  const child = spawn(process.execPath, [`dist/scripts/${script}.js`, ...parameters], {
    env: { NODE_ENV: 'production', ...environment },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: said.trim() };
}

function secretFile(name: string, value: string): string {
  const path = join(folder, name);
  writeFileSync(path, `${value}\n`);
  return path;
}

describe('make-secrets', () => {
  const FILES = [
    'credentials-keys',
    'database-admin-password',
    'database-admin-url',
    'database-password',
    'database-url',
    'jwt-secret',
    'pgbouncer-url',
    'pgbouncer-users',
  ];
  const kinds = ['credentials', 'tokens', 'database'];
  const contentOf = (directory: string) =>
    Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));

  it('makes every file once, however often and from wherever it runs at the same time, for its owner alone', async () => {
    const directory = join(folder, 'secrets');
    const runs = await Promise.all([1, 2, 3].map(() => run(['make-secrets', directory, ...kinds])));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    const made = contentOf(directory);
    expect(Object.keys(made).sort()).toEqual(FILES);
    for (const name of FILES) expect([name, statSync(join(directory, name)).mode & 0o777]).toEqual([name, 0o400]);
    expect(await run(['make-secrets', directory, ...kinds])).toEqual({ code: 0, said: 'Every secret is there' });
    expect(contentOf(directory)).toEqual(made);
    const password = made['database-password']?.trim() ?? '';
    for (const name of ['database-url', 'pgbouncer-url', 'pgbouncer-users']) expect(made[name]).toContain(password);
    for (const { said } of runs) expect(said).not.toContain(password);
  }, 30_000);

  it('makes only what is asked for, and adds what is missing to what is there', async () => {
    const directory = join(folder, 'fewer');
    await run(['make-secrets', directory, 'credentials']);
    const key = contentOf(directory)['credentials-keys'];
    expect(readdirSync(directory)).toEqual(['credentials-keys']);
    expect((await run(['make-secrets', directory, ...kinds])).said).toMatch(/^Made jwt-secret, /);
    expect(contentOf(directory)['credentials-keys']).toBe(key);
  }, 30_000);

  it.each([[[]], [['nonsense']], [['credentials', 'nonsense']]])('asked for %j it explains itself', async (wanted) => {
    expect(await run(['make-secrets', join(folder, 'none'), ...wanted])).toMatchObject({ code: 64 });
  });
});

describe('db-migrate', () => {
  it('creates the account, no superuser, and the database with an administrator’s connection, and only once', async () => {
    const name = `ringonce_${randomBytes(4).toString('hex')}`;
    const { superuserUrl } = service.database;
    const url = new URL(urlOfDatabase(superuserUrl, name));
    url.username = name;
    url.password = randomBytes(16).toString('hex');
    const environment = {
      DATABASE_ADMIN_URL_FILE: secretFile('admin-url', urlOfDatabase(superuserUrl, 'postgres')),
      DATABASE_URL_FILE: secretFile('url', url.href),
    };
    recordEnvironment({ DATABASE_URL: url.href });
    try {
      expect(await run(['db-migrate'], environment)).toMatchObject({
        code: 0,
        said: expect.stringMatching(/^Applied \d+/),
      });
      expect(await run(['db-migrate'], environment)).toEqual({ code: 0, said: 'The database is up to date' });
      const [role] = await withSession(url.href, (session) =>
        session.query<{ super: boolean }>('select rolsuper as super from pg_roles where rolname = current_user'),
      );
      expect(role).toEqual({ super: false });
    } finally {
      await withSession(urlOfDatabase(superuserUrl, 'postgres'), async (session) => {
        await session.query(`drop database if exists ${name} with (force)`);
        await session.query(`drop role if exists ${name}`);
      });
    }
  }, 60_000);

  it('names what it lacks and exits 78', async () => {
    expect(await run(['db-migrate'])).toEqual({ code: 78, said: 'DATABASE_URL, DATABASE_DIRECT_URL: is required' });
    const unreadable = await run(['db-migrate'], { DATABASE_URL_FILE: '/nowhere/hunter2' });
    expect(unreadable).toMatchObject({ code: 78, said: expect.stringContaining('DATABASE_URL_FILE: cannot be read') });
  });

  it('does not wait for a server that refuses it', async () => {
    const url = new URL(service.database.url);
    url.password = randomBytes(16).toString('hex');
    const refused = await run(['db-migrate'], { DATABASE_URL: url.href });
    expect(refused).toMatchObject({ code: 78, said: expect.stringContaining('refuses') });
    expect(refused.said).not.toContain(url.password);
  });
});

describe('token', () => {
  it('signs with the secret of the installation, and makes the user', async () => {
    const environment = {
      DATABASE_URL_FILE: secretFile('service-url', service.database.url),
      SUPABASE_JWT_SECRET_FILE: secretFile('jwt-secret', JWT_SECRET),
    };
    for (const [user, id] of [
      ['demo', DEMO_USER.id],
      [randomUUID(), undefined],
    ] as const) {
      const { code, said: token } = await run(['token', '--sign-up', '--user', user], environment);
      expect(code).toBe(0);
      const me = await service.request('GET', '/v1/me', { token });
      expect(me).toMatchObject({ status: 200, body: { id: id ?? user } });
    }
  }, 30_000);

  it('is refused where Supabase issues tokens', async () => {
    const environment = { DATABASE_URL: service.database.url };
    expect(await run(['token', '--user', 'demo'], environment)).toMatchObject({
      code: 1,
      said: expect.stringContaining('Supabase'),
    });
  });
});

describe('healthcheck', () => {
  it('ends with 0 when the service is ready, and with 1 when nobody is there', async () => {
    const ready = await run(['healthcheck'], { PORT: new URL(service.url).port });
    expect(ready).toMatchObject({ code: 0, said: expect.stringContaining('"status":"ok"') });
    const nobody = await run(['healthcheck'], { PORT: String(await freePort()) });
    expect(nobody).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('say-ready', () => {
  it('says where the service is, and how to get in', async () => {
    const { said } = await run(['say-ready'], { PUBLISHED_PORT: '3456' });
    keepOutput(said);
    expect(said).toMatch(/^Ringonce is ready: http:\/\/127\.0\.0\.1:3456,/);
    expect(said).toContain('docker compose run --rm -T token');
    expect((await run(['say-ready'], { PUBLISHED_PORT: '3000-3009' })).said).toContain('ports 3000-3009');
    expect((await run(['say-ready'], { TOKENS: 'supabase' })).said).toContain('Supabase');
  });
});
