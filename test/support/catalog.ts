import type { TestDatabase } from './test-database';

type Query = TestDatabase['query'];

/** The roles through which Supabase's Data API comes in; `public` is everybody. */
const API_ROLES = `('public', 'anon', 'authenticated', 'service_role')`;

/** Every table and view of the schema that the Data API exposes. */
export async function exposedRelations(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') order by relname`);
  return rows.map(({ name }) => name);
}

/** What API roles may do, one line each: `call_queue authenticated SELECT`, `call_queue.user_id authenticated INSERT`. */
export async function grantsToApiRoles(query: Query): Promise<string[]> {
  const rows = await query<{ line: string }>(`
    with acls as (
      select relname::text as thing, relacl as acl from pg_class where relnamespace in ('public'::regnamespace, 'ringonce'::regnamespace)
      union all
      select relname || '.' || attname, attacl from pg_attribute join pg_class on pg_class.oid = attrelid
      where relnamespace = 'public'::regnamespace and attacl is not null
      union all
      select 'function ' || proname, coalesce(proacl, acldefault('f', proowner)) from pg_proc
      where pronamespace = 'ringonce'::regnamespace
      union all
      select 'schema ' || nspname, nspacl from pg_namespace where nspname = 'ringonce'
    )
    select thing || ' ' || named.role || ' ' || privilege_type as line
    from acls, lateral aclexplode(acl) entry,
      lateral (select case entry.grantee when 0 then 'public' else pg_get_userbyid(entry.grantee)::text end as role) named
    where named.role in ${API_ROLES}
    order by 1`);
  return rows.map(({ line }) => line);
}

/** Tables without row-level security. */
export async function tablesWithoutSecurity(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`);
  return rows.map(({ name }) => name);
}

/** Policies that are not limited to API roles by name. */
export async function policiesForEverybody(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select polname as name from pg_policy
    where exists (select 1 from unnest(polroles) role where role = 0 or pg_get_userbyid(role) not in ('anon', 'authenticated'))`);
  return rows.map(({ name }) => name);
}

/** Foreign keys whose columns lead no index: deleting what they refer to would read the whole table. */
export async function foreignKeysWithoutIndex(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select conname as name from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace and not exists (
      select 1 from pg_index
      where indrelid = conrelid and conkey[1] = indkey[0]
        and (indpred is null or pg_get_expr(indpred, indrelid) ~ 'IS NOT NULL'))`);
  return rows.map(({ name }) => name);
}

/** Tables that have `updated_at` and nothing that keeps it true. */
export async function tablesWithStaleTimes(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'updated_at'
    where relnamespace = 'public'::regnamespace and relkind = 'r' and not exists (
      select 1 from pg_trigger where tgrelid = pg_class.oid and tgname = 'touch_updated_at' and tgenabled = 'O')`);
  return rows.map(({ name }) => name);
}

/** Functions of ours that look names up where a caller could put his own. */
export async function functionsWithOpenSearchPath(query: Query): Promise<string[]> {
  const rows = await query<{ name: string }>(`
    select proname as name from pg_proc
    where pronamespace = 'ringonce'::regnamespace
      and not coalesce(proconfig, '{}') && array['search_path=""', 'search_path=public, extensions, pg_temp']`);
  return rows.map(({ name }) => name);
}
