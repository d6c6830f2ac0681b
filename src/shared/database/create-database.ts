import { type Session, urlOfDatabase, withSession } from './connection';
import { applySupabaseShim, grantLikeSupabase } from './supabase-shim';

/** Where the service will find its database, and as whom. */
export interface DatabaseAccount {
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Creates the service's account (no superuser, with what Supabase's `postgres` has) and its database with the Supabase
 * shim, where they are missing, and sets the account's password. May be repeated.
 * @param adminUrl a superuser, in any database of the server
 */
export async function createDatabase(adminUrl: string, { role, password, database }: DatabaseAccount): Promise<void> {
  await withSession(adminUrl, async (session) => {
    await createRole(session, role, password);
    const existing = await session.query('select 1 from pg_database where datname = $1', [database]);
    if (existing.length === 0) await execute(session, `create database %I`, [database]);
    await execute(session, 'grant all on database %I to %I', [database, role]);
  });
  await withSession(urlOfDatabase(adminUrl, database), async (session) => {
    await applySupabaseShim(session);
    await grantLikeSupabase(session, role);
  });
}

async function createRole(session: Session, role: string, password: string): Promise<void> {
  const existing = await session.query('select 1 from pg_roles where rolname = $1', [role]);
  if (existing.length === 0) await execute(session, 'create role %I login nosuperuser createrole bypassrls', [role]);
  await execute(session, 'alter role %I password %L', [role, password]);
}

/** Statements about roles and databases take no parameters: their names are quoted by the server itself. */
async function execute(session: Session, template: string, names: readonly string[]): Promise<void> {
  const [row] = await session.query<{ statement: string }>(
    'select format($1::text, variadic $2::text[]) as statement',
    [template, names],
  );
  if (row) await session.query(row.statement);
}
