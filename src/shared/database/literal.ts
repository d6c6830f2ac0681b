import { type SQL, sql } from 'drizzle-orm';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Printable ASCII, which no encoding can turn into something else, without apostrophe and backslash. */
const HARMLESS = /^[ -&(-[\]-~]*$/;

/**
 * A value for a statement that is to travel with others, which those with parameters cannot: as a literal where nothing
 * in it could end the literal, as a parameter otherwise.
 */
export function literal(value: string): SQL {
  return HARMLESS.test(value) ? sql.raw(`'${value}'`) : sql`${value}`;
}

/**
 * A list of ids as an array, never a parameter.
 * @throws Error where one is no UUID
 */
export function uuids(ids: readonly string[]): SQL {
  const stranger = ids.find((id) => !UUID.test(id));
  if (stranger !== undefined) throw new Error(`${stranger} is no UUID`);
  return sql.raw(`'{${ids.join(',')}}'::uuid[]`);
}
