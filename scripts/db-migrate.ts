import { z } from 'zod';
import { databaseVariables } from '../src/shared/database/database.settings';
import { createDatabase, type DatabaseAccount } from '../src/shared/database/create-database';
import { awaitDatabase, DatabaseRefuses } from '../src/shared/database/first-contact';
import { migrate } from '../src/shared/database/migrate';
import { EXIT_CONFIGURATION, readEnvironment } from './read-environment';

/** So long a server that is just starting is waited for. */
const PATIENCE_MS = 60_000;
const ADMIN_URL = 'DATABASE_ADMIN_URL';

const environment = z
  .object({
    DATABASE_URL: databaseVariables.DATABASE_URL,
    DATABASE_DIRECT_URL: databaseVariables.DATABASE_DIRECT_URL,
    [ADMIN_URL]: databaseVariables.DATABASE_URL,
  })
  .refine((given) => given.DATABASE_URL ?? given.DATABASE_DIRECT_URL, {
    path: ['DATABASE_URL, DATABASE_DIRECT_URL'],
    message: 'one of the two is required (local mode migrates its database by itself)',
  });

/**
 * `npm run db:migrate`: the Supabase shim where Supabase is absent, then the migrations that are missing. With
 * DATABASE_ADMIN_URL, a superuser's, the service's own account and database are created before, where missing.
 */
async function main(): Promise<void> {
  const given = readEnvironment(environment, [ADMIN_URL]);
  const url = given?.DATABASE_DIRECT_URL ?? given?.DATABASE_URL;
  if (!given || url === undefined) return;
  const adminUrl = given[ADMIN_URL];
  await untilThere(adminUrl ?? url);
  if (adminUrl) await createDatabase(adminUrl, accountOf(url));
  const applied = await migrate(url);
  console.log(applied === 0 ? 'The database is up to date' : `Applied ${applied} migration(s)`);
}

async function untilThere(url: string): Promise<void> {
  const isThere = await awaitDatabase(url, {
    signal: AbortSignal.timeout(PATIENCE_MS),
    say: (line) => console.error(line),
  });
  if (!isThere) throw new Error(`The database was not there within ${PATIENCE_MS / 1_000} seconds`);
}

function accountOf(url: string): DatabaseAccount {
  const { username, password, pathname } = new URL(url);
  const [role, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  if (!role || !secret || !database)
    throw new DatabaseRefuses('it needs a user, a password and a database to create them');
  return { role, password: secret, database };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof DatabaseRefuses ? EXIT_CONFIGURATION : 1;
});
