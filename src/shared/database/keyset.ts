import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { decodeCursor, encodeCursor, type Page, type PageRequest } from '../kernel/page';

/** The two columns that every list is ordered by. */
export interface KeysetColumns {
  readonly createdAt: PgColumn;
  readonly id: PgColumn;
}

/** Select this as `position` beside the columns of an item: the time as text, with its microseconds. */
export const position = (columns: KeysetColumns): SQL<string> =>
  sql<string>`to_char(${columns.createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Newest first; `nulls last` because the indexes say so, although neither column is ever null. */
export const newestFirst = (columns: KeysetColumns): readonly [SQL, SQL] => [
  sql`${columns.createdAt} desc nulls last`,
  sql`${columns.id} desc nulls last`,
];

/** What lies behind the request's cursor; undefined for the first page. */
export function behindCursor(columns: KeysetColumns, { cursor }: PageRequest): SQL | undefined {
  const keyset = cursor === undefined ? undefined : decodeCursor(cursor);
  return keyset && sql`(${columns.createdAt}, ${columns.id}) < (${keyset.createdAt}::timestamptz, ${keyset.id}::uuid)`;
}

/** Makes a page of rows that were asked for with a limit of one more than the page holds. */
export function toPage<Row extends { readonly id: string; readonly position: string }, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  toItem: (row: Row) => Item,
): Page<Item> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toItem),
    nextCursor: last ? encodeCursor({ createdAt: last.position, id: last.id }) : null,
  };
}
