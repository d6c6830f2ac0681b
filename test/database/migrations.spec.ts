import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { majorVersion } from '../../src/local/postgres-binaries';
import { urlOfDatabase, withSession } from '../../src/shared/database/connection';
import { migrate, migrationsFolder, pendingMigrations } from '../../src/shared/database/migrate';
import { applySupabaseShim, grantLikeSupabase, SupabaseIsPresent } from '../../src/shared/database/supabase-shim';
import * as catalog from '../support/catalog';
import { prepareTemplate, serviceUrl, startTestServer } from '../support/test-cluster';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/test-database';
import { announcedCluster } from '../support/test-environment';

const run = promisify(execFile);
const project = dirname(migrationsFolder());

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('seed the plans of four tiers, and let dispatchers run', async () => {
    const plans =
      await database.query(`select slug, interval, price::float, call_limit, minutes_limit, queued_calls_limit
      from subscription_plans order by price`);
    expect(plans.map((plan) => Object.values(plan))).toEqual([
      ['free', 'monthly', 0, 50, 100, 100],
      ['basic', 'monthly', 29, 500, 1000, 1000],
      ['business', 'monthly', 99, 2500, 5000, 5000],
      ['basic', 'yearly', 290, 500, 1000, 1000],
      ['enterprise', 'monthly', 499, null, null, 100_000],
      ['business', 'yearly', 990, 2500, 5000, 5000],
      ['enterprise', 'yearly', 4990, null, null, 100_000],
    ]);
    expect(await database.query('select is_paused from dispatch_control')).toEqual([{ is_paused: false }]);
  });

  it('have nothing left to do the second time', async () => {
    expect(await withSession(database.url, pendingMigrations)).toEqual([]);
    expect(await migrate(database.url)).toBe(0);
  });

  it('are all pending on a database that has never seen them', async () => {
    const empty = await createEmptyDatabase();
    const tags = (await readdir(migrationsFolder()))
      .filter((name) => name.endsWith('.sql'))
      .map((name) => name.slice(0, -4));
    expect(await withSession(empty.url, pendingMigrations)).toEqual(tags.sort());
    await empty.drop();
  });

  it('are applied once when several instances start at the same moment', async () => {
    const empty = await createEmptyDatabase();
    await withSession(empty.superuserUrl, async (session) => {
      await applySupabaseShim(session);
      await grantLikeSupabase(session, announcedCluster().role);
    });
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(empty.url)));
    expect(applied.filter((count) => count > 0)).toHaveLength(1);
    expect(applied.filter((count) => count === 0)).toHaveLength(3);
    await empty.drop();
  });

  it('take back what a project gives to every new object by itself', async () => {
    const generous = await createEmptyDatabase();
    await withSession(generous.superuserUrl, async (session) => {
      await applySupabaseShim(session);
      await grantLikeSupabase(session, announcedCluster().role);
    });
    await withSession(generous.url, async (session) => {
      for (const kind of ['tables', 'sequences', 'functions']) {
        await session.query(`alter default privileges grant all on ${kind} to anon, authenticated, service_role`);
      }
    });
    await migrate(generous.url);
    expect(await catalog.grantsToApiRoles(generous.query)).toEqual(await catalog.grantsToApiRoles(database.query));
    await generous.drop();
  });

  it('touch schema auth only by reference, by trigger and by reading', async () => {
    const mentions = (await migrationStatements()).filter((statement) =>
      /"?\bauth\b"?\s*\.\s*"?users\b/i.test(statement),
    );
    const allowed = /references\s+auth\.users|\bon\s+auth\.users\b|\bfrom\s+auth\.users\b/i;
    expect(mentions.length).toBeGreaterThan(5);
    expect(
      mentions.filter(
        (statement) => !allowed.test(statement) || /^\s*(create|alter|drop)\s+table\s+"?auth/i.test(statement),
      ),
    ).toEqual([]);
  });

  it('create nothing in the schemas that belong to Supabase', async () => {
    const forbidden =
      /\b(create|alter|drop)\s+(or\s+replace\s+)?(table|function|view|index|type|role|extension|event\s+trigger)\s+("?(auth|storage|realtime|vault|extensions)"?\.|"?(anon|authenticated|service_role|authenticator|postgres)"?\b)/i;
    expect((await migrationStatements()).filter((statement) => forbidden.test(statement))).toEqual([]);
  });

  it('hold every table as it is defined: generating finds nothing new', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ringonce-drizzle-'));
    try {
      await cp(join(project, 'drizzle'), folder, { recursive: true });
      const schema = './src/{modules/*/adapters/drizzle,shared/database}/*.table.ts';
      const parameters = ['--dialect=postgresql', `--schema=${schema}`, `--out=${relative(project, folder)}`];
      const { stdout } = await run('npx', ['drizzle-kit', 'generate', ...parameters], { cwd: project });
      expect(stdout).toMatch(/No schema changes/);
      expect((await readdir(folder)).sort()).toEqual((await readdir(join(project, 'drizzle'))).sort());
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  async function migrationStatements(): Promise<string[]> {
    const names = (await readdir(migrationsFolder())).filter((name) => name.endsWith('.sql'));
    const texts = await Promise.all(names.map((name) => readFile(join(migrationsFolder(), name), 'utf8')));
    return texts
      .flatMap((text) => text.split('--> statement-breakpoint'))
      .map((statement) => statement.replace(/^\s*--.*$/gm, '').trim());
  }
});

describe('the Supabase shim', () => {
  it('may be applied again and from several places at once', async () => {
    const empty = await createEmptyDatabase();
    const apply = () => withSession(empty.superuserUrl, applySupabaseShim);
    await Promise.all([apply(), apply(), apply(), apply()]);
    await apply();
    expect(await empty.query(`select auth.uid() as uid, auth.role() as role, auth.jwt() as jwt`)).toEqual([
      { uid: null, role: null, jwt: null },
    ]);
    await empty.drop();
  });

  it('answers about the caller as Supabase does', async () => {
    const empty = await createEmptyDatabase();
    const rows = await withSession(empty.superuserUrl, async (session) => {
      await applySupabaseShim(session);
      await session.query('begin');
      await session.query(`select set_config('request.jwt.claims', $1, true)`, [
        '{"sub":"00000000-0000-4000-8000-000000000002","role":"authenticated"}',
      ]);
      return session.query(`select auth.uid() as uid, auth.role() as role, auth.jwt() ->> 'sub' as sub`);
    });
    const sub = '00000000-0000-4000-8000-000000000002';
    expect(rows).toEqual([{ uid: sub, role: 'authenticated', sub }]);
    await empty.drop();
  });

  it('stays away from a database of Supabase', async () => {
    const supabase = { query: () => Promise.resolve([{}]) } as never;
    await expect(applySupabaseShim(supabase)).rejects.toBeInstanceOf(SupabaseIsPresent);
  });
});

describe('the oldest PostgreSQL that is supported', () => {
  it('takes the shim and every migration', async () => {
    const binaries = await findBinaries(15);
    if (binaries === undefined) {
      process.stdout.write('Not tried on PostgreSQL 15: none is installed on this machine\n');
      return;
    }
    const server = await startTestServer(binaries);
    try {
      const cluster = await prepareTemplate(server.superuserUrl);
      const copy = urlOfDatabase(server.superuserUrl, 'copy');
      await withSession(server.superuserUrl, (session) =>
        session.query(`create database copy template ${cluster.template}`),
      );
      const [row] = await withSession(copy, (session) =>
        session.query(
          `select current_setting('server_version_num')::int / 10000 as major, count(*)::int as plans from subscription_plans`,
        ),
      );
      expect(row).toEqual({ major: 15, plans: 7 });
      expect(await withSession(serviceUrl(cluster, 'copy'), pendingMigrations)).toEqual([]);
    } finally {
      await server.stop();
    }
  }, 60_000);

  async function findBinaries(major: number): Promise<string | undefined> {
    const onPath = await run('which', ['postgres']).then(
      ({ stdout }) => realpath(stdout.trim()),
      () => undefined,
    );
    const candidates = [`/usr/lib/postgresql/${major}/bin`, ...(onPath === undefined ? [] : [dirname(onPath)])];
    for (const candidate of candidates) {
      if (existsSync(join(candidate, 'initdb')) && (await majorVersion(candidate)) === major) return candidate;
    }
    return undefined;
  }
});
