import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const USAGE = 'Usage: node dist/scripts/make-secrets.js <directory> credentials|tokens|database …';
const EXIT_USAGE = 64;

type Make = (directory: string) => Promise<readonly string[]>;

/** What can be asked for, each with the files that it consists of. */
const KINDS: Readonly<Record<string, Make>> = {
  credentials: (directory) =>
    all([keep(directory, 'credentials-keys', () => `k1:${randomBytes(32).toString('base64')}`)]),
  tokens: (directory) => all([keep(directory, 'jwt-secret', () => randomBytes(32).toString('hex'))]),
  database: makeDatabaseSecrets,
};

/**
 * Makes the secrets of an installation that has none yet, each a file that only its owner reads. Those that are there
 * are never changed, so this may run before every start. The service itself makes none in production.
 */
async function main([directory, ...kinds]: readonly string[]): Promise<void> {
  const makers = kinds.flatMap((kind) => KINDS[kind] ?? []);
  if (!directory || makers.length === 0 || makers.length < kinds.length) {
    console.error(USAGE);
    process.exitCode = EXIT_USAGE;
    return;
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const made: string[] = [];
  for (const make of makers) made.push(...(await make(directory)));
  console.log(made.length === 0 ? 'Every secret is there' : `Made ${made.join(', ')} in ${directory}. Back them up.`);
}

/**
 * For the database server beside the service: its superuser's password, the service's account, and the ways there,
 * directly and through a pooler.
 */
async function makeDatabaseSecrets(directory: string): Promise<readonly string[]> {
  const password = () => randomBytes(24).toString('hex');
  const own = await all([
    keep(directory, 'database-admin-password', password),
    keep(directory, 'database-password', password),
  ]);
  const admin = await readFile(join(directory, 'database-admin-password'), 'utf8');
  const service = await readFile(join(directory, 'database-password'), 'utf8');
  const derived = await all([
    keep(directory, 'database-admin-url', () => `postgresql://postgres:${admin.trim()}@database:5432/postgres`),
    keep(directory, 'database-url', () => `postgresql://ringonce:${service.trim()}@database:5432/ringonce`),
    keep(directory, 'pgbouncer-url', () => `postgresql://ringonce:${service.trim()}@pgbouncer:6432/ringonce`),
    keep(directory, 'pgbouncer-users', () => `"ringonce" "${service.trim()}"`),
  ]);
  return [...own, ...derived];
}

/** Writes a file that is not there. A link appears whole or not at all, and never over another. @returns what it made */
async function keep(directory: string, name: string, make: () => string): Promise<readonly string[]> {
  const fresh = join(directory, `.${name}.${randomBytes(6).toString('hex')}`);
  await writeFile(fresh, `${make()}\n`, { mode: 0o400 });
  try {
    await link(fresh, join(directory, name));
    return [name];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return [];
  } finally {
    await rm(fresh);
  }
}

async function all(files: readonly Promise<readonly string[]>[]): Promise<readonly string[]> {
  return (await Promise.all(files)).flat();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
