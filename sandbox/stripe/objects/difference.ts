import { isObject, type Json } from '../../kit/json';

/**
 * What an event calls `previous_attributes`: the former values of what changed. Of an inner object only the changed
 * names are told; lists are told whole. A name that is new has been null before.
 */
export function previousAttributes(before: Json, after: Json): Json {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isSame(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, previousValue(before[name], after[name])]));
}

function previousValue(before: unknown, after: unknown): unknown {
  const isInner = isObject(before) && isObject(after) && before.object !== 'list';
  return isInner ? previousAttributes(before, after) : (before ?? null);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
