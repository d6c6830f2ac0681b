import { randomBytes, randomUUID } from 'node:crypto';
import { Pool, type QueryResultRow } from 'pg';
import { urlOfDatabase, withSession } from '../../src/shared/database/connection';
import { keepContents } from './database-contents';
import { databasePrefix, serviceUrl, type TestCluster } from './test-cluster';
import { announcedCluster, chosenServer } from './test-environment';

/** The run's own server keeps its log of changes to the end: a copy need not be in it page by page. */
const COPYING = chosenServer().superuserUrl === undefined ? 'strategy file_copy' : '';

/** A database of one test file: migrated, seeded with the plans, otherwise empty. */
export interface TestDatabase {
  readonly name: string;
  /** For the service: its account is no superuser, but looks past row-level security, as on Supabase. */
  readonly url: string;
  readonly superuserUrl: string;
  /** Asks as superuser, outside of whatever the service under test does. */
  query<Row extends QueryResultRow = Record<string, unknown>>(
    statement: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]>;
  /** Signs somebody up; the profile comes along and is inactive. @returns the user's id */
  createUser(user?: { readonly email?: string; readonly id?: string; readonly isActive?: boolean }): Promise<string>;
  /** Removes the database, whoever is still connected to it. */
  drop(): Promise<void>;
}

/** Copies the run's migrated database. Some tens of milliseconds; call it once per test file, and `drop` at its end. */
export async function createTestDatabase(cluster: TestCluster = announcedCluster()): Promise<TestDatabase> {
  return createDatabase(cluster.template, cluster);
}

/** A database without the shim, migrations or anything else. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

/** A copy of what the database holds just now, like a backup that is put back. Whoever is connected has to connect again. */
export async function copyTestDatabase({ name }: TestDatabase): Promise<TestDatabase> {
  const allow = (isAllowed: boolean) =>
    withSession(announcedCluster().superuserUrl, (session) =>
      session.query(`alter database ${name} allow_connections ${isAllowed}`),
    );
  await allow(false);
  try {
    await withSession(announcedCluster().superuserUrl, (session) =>
      session.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]),
    );
    return await createDatabase(name);
  } finally {
    await allow(true);
  }
}

async function createDatabase(template: string, cluster = announcedCluster()): Promise<TestDatabase> {
  const name = `${databasePrefix(cluster)}_${randomBytes(5).toString('hex')}`;
  await withSession(cluster.superuserUrl, async (session) => {
    await session.query(`create database ${name} template ${template} ${COPYING}`);
    await session.query(`grant all on database ${name} to ${cluster.role}`);
  });
  const superuserUrl = urlOfDatabase(cluster.superuserUrl, name);
  const pool = new Pool({ connectionString: superuserUrl, max: 3 });
  pool.on('error', () => undefined);
  const query: TestDatabase['query'] = async <Row extends QueryResultRow>(
    statement: string,
    parameters?: readonly unknown[],
  ) => (await pool.query<Row>(statement, parameters ? [...parameters] : undefined)).rows;
  return {
    name,
    url: serviceUrl(cluster, name),
    superuserUrl,
    query,
    createUser: (user) => createUser(query, user),
    drop: async () => {
      await keepContents(name, query);
      await pool.end();
      await withSession(cluster.superuserUrl, (session) =>
        session.query(`drop database if exists ${name} with (force)`),
      );
    },
  };
}

async function createUser(
  query: TestDatabase['query'],
  { email, id = randomUUID(), isActive = false }: Parameters<TestDatabase['createUser']>[0] = {},
): Promise<string> {
  await query(`insert into auth.users (id, aud, role, email) values ($1, 'authenticated', 'authenticated', $2)`, [
    id,
    email ?? `${id}@example.test`,
  ]);
  if (isActive) await query(`update user_profiles set status = 'active' where id = $1`, [id]);
  return id;
}
