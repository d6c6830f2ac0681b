import { migrate } from '../src/shared/database/migrate';

/** `npm run db:migrate`: the Supabase shim where Supabase is absent, then the migrations that are missing. */
async function main(): Promise<void> {
  const url = process.env['DATABASE_DIRECT_URL'] || process.env['DATABASE_URL'];
  if (!url) {
    console.error('DATABASE_URL or DATABASE_DIRECT_URL is required (local mode migrates its database by itself)');
    process.exitCode = 78;
    return;
  }
  const applied = await migrate(url);
  console.log(applied === 0 ? 'The database is up to date' : `Applied ${applied} migration(s)`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
