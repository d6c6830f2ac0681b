import type { ZodType } from 'zod';
import type { VapiApi } from './vapi-api';

/** The most that Vapi gives at once. */
const PAGE_SIZE = 1_000;
const MAX_PAGES = 50;

interface Listed {
  readonly id: string;
  readonly createdAt?: string | undefined;
}

interface ListOptions<Item> {
  readonly schema: ZodType<Item>;
  readonly query?: Readonly<Record<string, string>>;
}

interface Failed {
  readonly kind: 'failed';
  readonly detail: string;
}

export type VapiList<Item> = { readonly kind: 'listed'; readonly items: readonly Item[] } | Failed;

/**
 * Reads a list to its end. Vapi lists the newest first and has no cursor: the next page ends where the last one did,
 * that moment included, so that nothing is missed among items of the same moment; what comes twice is dropped.
 */
export async function listAll<Item extends Listed>(
  api: VapiApi,
  path: string,
  { schema, query = {} }: ListOptions<Item>,
): Promise<VapiList<Item>> {
  const found = new Map<string, Item>();
  let until: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const bounds = until === undefined ? {} : { createdAtLe: until };
    const read = await readPage(api, path, { schema, query: { ...query, ...bounds } });
    if (read.kind === 'failed') return read;
    const known = found.size;
    for (const item of read.items) found.set(item.id, item);
    until = read.items.at(-1)?.createdAt;
    if (!read.isFull || found.size === known || until === undefined) break;
  }
  return { kind: 'listed', items: [...found.values()] };
}

async function readPage<Item>(
  api: VapiApi,
  path: string,
  { schema, query }: ListOptions<Item>,
): Promise<{ readonly kind: 'page'; readonly items: readonly Item[]; readonly isFull: boolean } | Failed> {
  const read = await api.get(path, { ...query, limit: PAGE_SIZE });
  if (read.kind === 'failed') return { kind: 'failed', detail: read.detail };
  if (read.kind === 'not-found' || !Array.isArray(read.body))
    return { kind: 'failed', detail: 'Vapi answered no list.' };
  return { kind: 'page', items: readable(read.body, schema), isFull: read.body.length >= PAGE_SIZE };
}

/** An item that cannot be read does not spoil the others. */
function readable<Item>(items: readonly unknown[], schema: ZodType<Item>): readonly Item[] {
  return items.flatMap((item) => {
    const read = schema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}
