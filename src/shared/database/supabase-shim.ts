import type { Session } from './connection';

/** Supabase is there: its own roles and schema `auth` must not be imitated over. */
export class SupabaseIsPresent extends Error {
  constructor() {
    super('This database belongs to Supabase, which brings its own roles and schema auth; the shim stays away from it');
  }
}

/** Codes that mean: somebody else has just done the same. Roles belong to the whole server, so tests and starts meet. */
const MET_ANOTHER = new Set(['23505', '42710', '42P06', '42P07', '42723', 'XX000', '40001', '40P01']);
const ATTEMPTS = 10;

/** Whether the server carries Supabase's own administrators. */
export async function isSupabase(session: Session): Promise<boolean> {
  const rows = await session.query(`select 1 from pg_roles where rolname in ('supabase_admin', 'supabase_auth_admin')`);
  return rows.length > 0;
}

/**
 * Supplies what Supabase has and plain PostgreSQL lacks: the roles anon, authenticated and service_role, the table
 * `auth.users` in the columns that matter, and `auth.uid()`, `auth.role()`, `auth.jwt()` that answer as Supabase's do.
 * Applying it again, or from several places at once, changes nothing.
 * @throws SupabaseIsPresent on a Supabase database
 */
export async function applySupabaseShim(session: Session): Promise<void> {
  if (await isSupabase(session)) throw new SupabaseIsPresent();
  if (!(await isComplete(session))) await persistently(() => session.query(SHIM));
  await persistently(() => session.query(MEMBERSHIP));
}

/**
 * Gives an account that is no superuser what Supabase's `postgres` has: it may create schemas and tables, switch to
 * the three roles, and refer to accounts, but not change anything in schema `auth`.
 */
export async function grantLikeSupabase(session: Session, role: string): Promise<void> {
  const statement = (text: string) => persistently(() => session.query(text.replaceAll('$role', `"${role}"`)));
  await statement('grant all on schema public to $role');
  await statement('grant usage on schema auth to $role');
  await statement('grant select, insert, references, trigger on auth.users to $role');
  await statement('grant anon, authenticated, service_role to $role');
}

async function isComplete(session: Session): Promise<boolean> {
  const rows = await session.query(`
    select 1
    where (select count(*) from pg_roles where rolname in ('anon', 'authenticated', 'service_role')) = 3
      and to_regclass('auth.users') is not null
      and to_regprocedure('auth.uid()') is not null
      and to_regprocedure('auth.role()') is not null
      and to_regprocedure('auth.jwt()') is not null`);
  return rows.length > 0;
}

async function persistently(step: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step();
      return;
    } catch (error) {
      const code = (error as { code?: string }).code ?? '';
      if (!MET_ANOTHER.has(code) || attempt === ATTEMPTS) throw error;
    }
  }
}

const SHIM = `
do $shim$
begin
  if not exists (select 1 from pg_roles where rolname = 'anon') then
    create role anon nologin noinherit;
  end if;
  if not exists (select 1 from pg_roles where rolname = 'authenticated') then
    create role authenticated nologin noinherit;
  end if;
  if not exists (select 1 from pg_roles where rolname = 'service_role') then
    create role service_role nologin noinherit bypassrls;
  end if;
end
$shim$;

create schema if not exists auth;
grant usage on schema auth to anon, authenticated, service_role;
grant usage on schema public to anon, authenticated, service_role;

create table if not exists auth.users (
  id uuid primary key,
  aud varchar(255),
  role varchar(255),
  email varchar(255),
  phone text unique,
  raw_app_meta_data jsonb,
  raw_user_meta_data jsonb,
  is_sso_user boolean not null default false,
  is_anonymous boolean not null default false,
  email_confirmed_at timestamptz,
  last_sign_in_at timestamptz,
  banned_until timestamptz,
  deleted_at timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now()
);
create unique index if not exists users_email_partial_key on auth.users (email) where is_sso_user = false;
alter table auth.users enable row level security;

do $shim$
begin
  if to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )::uuid
    $$;
  end if;
  if to_regprocedure('auth.role()') is null then
    create function auth.role() returns text language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
      )
    $$;
  end if;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
      )::jsonb
    $$;
  end if;
end
$shim$;
`;

/** From PostgreSQL 16 on, whoever creates a role may administer it but not switch to it before being granted that. */
const MEMBERSHIP = `
do $shim$
declare
  api_role text;
  how text := case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end;
begin
  foreach api_role in array array['anon', 'authenticated', 'service_role'] loop
    if not pg_has_role(current_user, api_role, how) then
      execute format('grant %I to %I', api_role, current_user);
    end if;
  end loop;
end
$shim$;
`;
