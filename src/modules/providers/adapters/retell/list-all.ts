import type { ZodType } from 'zod';
import type { RetellRead } from './retell-api';
import { RetellPage } from './retell.wire';

/** Far more than any account holds: a list that goes on has no end. */
const MAX_PAGES = 200;

interface Failed {
  readonly kind: 'failed';
  readonly detail: string;
}

export type RetellList<Item> = { readonly kind: 'listed'; readonly items: readonly Item[] } | Failed;

/**
 * Reads a list to its end: each page names the key of the next one. A part of a list counts as none, since what is
 * missing in it would be taken for gone.
 */
export async function listAll<Item>(
  readPage: (paginationKey: string | undefined) => Promise<RetellRead>,
  schema: ZodType<Item>,
): Promise<RetellList<Item>> {
  const items: Item[] = [];
  const seenKeys = new Set<string>();
  let key: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read = await readPage(key);
    if (read.kind === 'failed') return { kind: 'failed', detail: read.detail };
    const answered = read.kind === 'read' ? RetellPage.safeParse(read.body) : undefined;
    if (answered?.success !== true) return { kind: 'failed', detail: 'Retell answered no list.' };
    items.push(...readable(answered.data.items, schema));
    if (answered.data.has_more !== true) return { kind: 'listed', items };
    key = answered.data.pagination_key;
    if (key === undefined || seenKeys.has(key)) break;
    seenKeys.add(key);
  }
  return { kind: 'failed', detail: 'Retell answered a list without an end.' };
}

/** An item that cannot be read does not spoil the others. */
function readable<Item>(items: readonly unknown[], schema: ZodType<Item>): readonly Item[] {
  return items.flatMap((item) => {
    const read = schema.safeParse(item);
    return read.success ? [read.data] : [];
  });
}
