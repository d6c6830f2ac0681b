import type { List } from '../objects/wire';
import { integer, type Moments, text } from './params';
import { invalid, missing } from './refusals';

/** What every list takes. */
export const PAGING = { limit: integer, starting_after: text, ending_before: text };

export interface Paging {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
}

/** One page of what is there, the newest first. @throws Refusal for a cursor that names nothing */
export function page<Item extends { readonly id: string }>(
  oldestFirst: readonly Item[],
  paging: Paging,
  url: string,
): List<Item> {
  const limit = paging.limit ?? 10;
  if (limit < 1 || limit > 100) throw invalid('This value must be between 1 and 100 inclusive.', 'limit');
  const items = [...oldestFirst].reverse();
  const { starting_after: after, ending_before: before } = paging;
  if (before !== undefined) {
    const rest = items.slice(0, position(items, before, 'ending_before'));
    return { object: 'list', data: rest.slice(-limit), has_more: rest.length > limit, url };
  }
  const rest = after === undefined ? items : items.slice(position(items, after, 'starting_after') + 1);
  return { object: 'list', data: rest.slice(0, limit), has_more: rest.length > limit, url };
}

function position(items: readonly { readonly id: string }[], id: string, param: string): number {
  const found = items.findIndex((item) => item.id === id);
  if (found === -1) throw missing('object', id, param);
  return found;
}

export function isWithin(seconds: number, range: number | Moments | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return seconds === range;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return seconds > gt && seconds >= gte && seconds < lt && seconds <= lte;
}
