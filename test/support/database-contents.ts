import type { QueryResultRow } from 'pg';
import { JoseCredentialsCipher } from '../../src/modules/providers/adapters/crypto/jose-credentials-cipher';
import { keep, keysOf, recordedKeyRings, recordSecret } from './run-record';

type Query = <Row extends QueryResultRow>(statement: string, parameters?: readonly unknown[]) => Promise<Row[]>;

/**
 * Keeps every row of a database as text, for the search at the end of the run: the files hold what is long only
 * compressed, and they are gone with the database. Records what its providers' credentials turn out to be.
 */
export async function keepContents(name: string, query: Query): Promise<void> {
  const tables = await query<{ table: string }>(
    `select format('%I.%I', schemaname, tablename) as table from pg_tables
      where schemaname <> all (array['pg_catalog', 'information_schema'])`,
  );
  for (const { table } of tables) {
    const rows = await query<{ text: string }>(`select entry::text as text from ${table} entry`);
    keep('rows', `.${name}.txt`, rows.map(({ text }) => `${table} ${text}\n`).join(''));
  }
  if (tables.some(({ table }) => table === 'public.call_service_providers')) await recordCredentials(query);
}

/** Secrets that the service has made up are known to nobody else. */
async function recordCredentials(query: Query): Promise<void> {
  const rows = await query<{ id: string; name: string; api_credentials: string }>(
    'select id, name, api_credentials from call_service_providers',
  );
  const rings = recordedKeyRings().map((ring) => new JoseCredentialsCipher({ keys: keysOf(ring) }));
  for (const { id, name, api_credentials: encrypted } of rows) {
    for (const cipher of rings) {
      // Some tests lose a key or damage what is stored.
      const credentials = await cipher.decrypt({ id, name }, encrypted).catch(() => undefined);
      for (const [kind, value] of Object.entries(credentials ?? {})) recordSecret(`stored ${kind}`, value);
    }
  }
}
