import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { type Session, withSession } from './connection';
import { applySupabaseShim, isSupabase } from './supabase-shim';

/** Every instance and every script that migrates one database meets at this lock. Any constant will do. */
const LOCK = 7_464_664_662;
const UNDEFINED_TABLE = '42P01';

/**
 * Brings a database up to date: the Supabase shim where Supabase is absent, then every migration that is missing, one
 * process at a time. Needs a session of its own, so no transaction-mode pooler.
 * @returns how many migrations were applied
 */
export async function migrate(directUrl: string): Promise<number> {
  return withSession(directUrl, async (session) => {
    // An account of the name of a schema, such as ringonce, would create its tables there.
    await session.query(`set statement_timeout = 0; set lock_timeout = 0; set search_path = public`);
    await session.query('select pg_advisory_lock($1)', [LOCK]);
    if (!(await isSupabase(session))) await applySupabaseShim(session);
    const missing = (await pendingMigrations(session)).length;
    await applyMigrations(drizzle(session.client), { migrationsFolder: migrationsFolder() });
    const skipped = await pendingMigrations(session);
    if (skipped.length > 0)
      throw new Error(`Older than the last applied migration, so left out: ${skipped.join(', ')}`);
    return missing;
  });
}

/** The names of the migrations that this version of the service has and the database lacks, in order. */
export async function pendingMigrations(session: Session): Promise<readonly string[]> {
  const applied = new Set(await appliedHashes(session));
  const tags = readTags();
  return readMigrationFiles({ migrationsFolder: migrationsFolder() })
    .map((file, position) => ({ hash: file.hash, tag: tags[position] ?? file.hash }))
    .filter(({ hash }) => !applied.has(hash))
    .map(({ tag }) => tag);
}

async function appliedHashes(session: Session): Promise<string[]> {
  try {
    const rows = await session.query<{ hash: string }>('select hash from drizzle.__drizzle_migrations');
    return rows.map(({ hash }) => hash);
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return [];
    throw error;
  }
}

function readTags(): string[] {
  const journal = readFileSync(join(migrationsFolder(), 'meta', '_journal.json'), 'utf8');
  return (JSON.parse(journal) as { entries: { tag: string }[] }).entries.map(({ tag }) => tag);
}

/** `drizzle/` beside `package.json`, wherever the running code was compiled to. */
export function migrationsFolder(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'drizzle');
    if (existsSync(join(candidate, 'meta', '_journal.json'))) return candidate;
  }
  throw new Error('The folder drizzle/ with the migrations is missing');
}
