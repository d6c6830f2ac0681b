import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chown } from 'node:fs/promises';
import { embeddedBinaries, reachableBinaries } from '../../src/local/postgres-binaries';
import { createCluster, type RunningServer, startServer } from '../../src/local/postgres-server';
import { serverAccount } from '../../src/local/server-account';
import { urlOfDatabase, withSession } from '../../src/shared/database/connection';
import { migrate } from '../../src/shared/database/migrate';
import { applySupabaseShim, grantLikeSupabase } from '../../src/shared/database/supabase-shim';

/** What the test files of one run share: a server, and a migrated database to copy. */
export interface TestCluster {
  readonly superuserUrl: string;
  /** The account of the service: no superuser, as on Supabase. */
  readonly role: string;
  readonly password: string;
  readonly template: string;
}

/** Everything in memory, nothing synced: the data dies with the run. */
const SETTINGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=300',
  'shared_buffers=128MB',
  'autovacuum_naptime=5s',
];

/**
 * Keeps the log of changes of the whole run, which holds every row that was ever written, in whichever database, with
 * nothing left out because the row's last version had the same.
 */
export const KEEP_CHANGES = [
  'wal_level=logical',
  'wal_compression=off',
  'wal_keep_size=1TB',
  'max_wal_size=1TB',
  'checkpoint_timeout=1d',
];

/** A server that can be ended and started again, with its data, on another port. */
export interface TestServer extends RunningServer {
  /** @param mode `immediate` is a crash: what comes up again has to recover */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
}

/** A throw-away server from the given binaries (the embedded ones by default). */
export async function startTestServer(
  binaries: string = embeddedBinaries(),
  { settings = [], parent = tmpdir() }: { readonly settings?: readonly string[]; readonly parent?: string } = {},
): Promise<TestServer> {
  const account = await serverAccount();
  const folder = await mkdtemp(join(parent, 'ringonce-server-'));
  if (account.uid !== undefined && account.gid !== undefined) await chown(folder, account.uid, account.gid);
  const discard = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    const cluster = {
      binaries: await reachableBinaries(binaries, account),
      account,
      dataDirectory: join(folder, 'data'),
      logFile: join(folder, 'log'),
      password: randomBytes(12).toString('hex'),
      settings: [...SETTINGS, ...settings],
    };
    await createCluster(cluster);
    let server = await startServer(cluster);
    return {
      get port() {
        return server.port;
      },
      get superuserUrl() {
        return server.superuserUrl;
      },
      stop: async (mode = 'immediate') => {
        await server.stop(mode);
        if (mode === 'immediate') await discard();
      },
      restart: async (mode) => {
        await server.stop(mode);
        server = await startServer(cluster);
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** PostgreSQL compresses what is long, and nobody can search what is compressed. */
const UNCOMPRESSED = `
  do $$ declare field record; begin
    for field in
      select attrelid::regclass as relation, attname from pg_attribute
        join pg_class on pg_class.oid = attrelid and relkind = 'r'
       where relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
         and attnum > 0 and attstorage = 'x'
    loop
      execute format('alter table %s alter column %I set storage external', field.relation, field.attname);
    end loop;
  end $$`;

/** Creates the service's account and a database with the shim and every migration, ready to be copied. */
export async function prepareTemplate(superuserUrl: string): Promise<TestCluster> {
  const suffix = randomBytes(4).toString('hex');
  const cluster = {
    superuserUrl,
    role: `ringonce_${suffix}`,
    password: randomBytes(12).toString('hex'),
    template: `ringonce_template_${suffix}`,
  };
  await withSession(superuserUrl, async (session) => {
    await session.query(
      `create role ${cluster.role} login nosuperuser createrole bypassrls password '${cluster.password}'`,
    );
    await session.query(`create database ${cluster.template}`);
    await session.query(`grant all on database ${cluster.template} to ${cluster.role}`);
  });
  await withSession(urlOfDatabase(superuserUrl, cluster.template), async (session) => {
    await applySupabaseShim(session);
    await grantLikeSupabase(session, cluster.role);
  });
  await migrate(serviceUrl(cluster, cluster.template));
  await withSession(urlOfDatabase(superuserUrl, cluster.template), (session) => session.query(UNCOMPRESSED));
  await withSession(superuserUrl, (session) =>
    session.query(`alter database ${cluster.template} with is_template true allow_connections false`),
  );
  return cluster;
}

/** Removes what a run has put on a server that is not its own. */
export async function removeTemplate(cluster: TestCluster): Promise<void> {
  await withSession(cluster.superuserUrl, async (session) => {
    await session.query(`alter database ${cluster.template} with is_template false`);
    const databases = await session.query<{ datname: string }>(
      `select datname from pg_database where datname = $1 or datname like $2`,
      [cluster.template, `${databasePrefix(cluster)}%`],
    );
    for (const { datname } of databases) await session.query(`drop database if exists "${datname}" with (force)`);
    await session.query(`drop role if exists ${cluster.role}`);
  });
}

/** Where the service's account finds `database`. */
export function serviceUrl(cluster: TestCluster, database: string): string {
  const url = new URL(urlOfDatabase(cluster.superuserUrl, database));
  url.username = cluster.role;
  url.password = cluster.password;
  return url.href;
}

/** Begins the name of every database that is copied from this template. */
export function databasePrefix(cluster: TestCluster): string {
  return cluster.template.replace('template', 'test');
}
