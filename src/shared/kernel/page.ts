/** One page of a list, newest first. `nextCursor` is opaque and null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** What a list is asked for: `limit` is 1..200. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A position in a list that is ordered by creation time and id, both descending. */
export interface Keyset {
  /** The database's own text for the time, so that its microseconds survive. */
  readonly createdAt: string;
  readonly id: string;
}

/** Writes a position as an opaque cursor. */
export function encodeCursor(keyset: Keyset): string {
  return btoa(JSON.stringify([keyset.createdAt, keyset.id]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads a cursor back; undefined when it is not one of ours. */
export function decodeCursor(cursor: string): Keyset | undefined {
  try {
    const parsed: unknown = JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')));
    if (!Array.isArray(parsed) || parsed.length !== 2) return undefined;
    const [createdAt, id] = parsed as unknown[];
    if (typeof createdAt !== 'string' || typeof id !== 'string') return undefined;
    return isTimestamp(createdAt) && UUID.test(id) ? { createdAt, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the database can read the text: a made-up cursor must not become a query that fails. */
function isTimestamp(text: string): boolean {
  const [, day = ''] = TIMESTAMP.exec(text) ?? [];
  const midnight = new Date(`${day}T00:00:00Z`);
  return day > '0001' && !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
