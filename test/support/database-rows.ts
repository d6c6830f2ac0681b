import type { TestDatabase } from './test-database';

/** Every row of every table of the service, as text, by table; what is left out may change by itself. */
export async function rowsOf(
  database: TestDatabase,
  without: readonly string[] = [],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname <> all (array['pg_catalog', 'information_schema', 'drizzle']) order by 1`,
  );
  const kept = tables.map(({ name }) => name).filter((name) => !without.includes(name));
  // One statement is one moment: a row that moves from table to table is in one of them.
  const parts = kept.map((name) => `select '${name}' as name, entry::text as text from ${name} entry`);
  const rows = await database.query<{ name: string; text: string }>(`${parts.join(' union all ')} order by 1, 2`);
  return Object.fromEntries(
    kept.map((table) => [table, rows.filter(({ name }) => name === table).map(({ text }) => text)]),
  );
}
