import { isObject, type Json } from '../../kit/json';
import { lineItemsOf } from '../objects/sessions';
import type { Session } from '../objects/wire';
import type { World } from '../world';
import { invalid } from './refusals';

const DEEPEST = 4;

/** Puts whole objects where ids were asked to be expanded; what is only sent on request is added. @throws Refusal */
export function expand(world: World, body: object, paths: readonly string[]): Json {
  const copy = structuredClone(body) as Json;
  for (const path of paths) {
    const names = path.split('.');
    if (names.length > DEEPEST) {
      throw invalid(`You cannot expand more than ${DEEPEST} levels of a property. Property: ${path}`, 'expand');
    }
    expandWithin(world, copy, { names, path });
  }
  return copy;
}

interface Way {
  readonly names: readonly string[];
  /** The whole of it, for refusals. */
  readonly path: string;
}

function expandWithin(world: World, value: unknown, way: Way): void {
  if (Array.isArray(value)) {
    for (const item of value) expandWithin(world, item, way);
    return;
  }
  const [name, ...rest] = way.names;
  if (name === undefined || value === null) return;
  if (!isObject(value)) throw notExpandable(way.path);
  value[name] = expanded(world, value, { ...way, names: [name] });
  if (rest.length > 0) expandWithin(world, value[name], { ...way, names: rest });
  else if (!isObject(value[name]) && !Array.isArray(value[name]) && value[name] !== null) throw notExpandable(way.path);
}

function expanded(world: World, holder: Json, { names: [name = ''], path }: Way): unknown {
  const value = holder[name];
  if (name === 'line_items' && holder.object === 'checkout.session') {
    return lineItemsOf(world, holder as unknown as Session);
  }
  if (value === undefined) throw notExpandable(path);
  if (typeof value !== 'string') return value;
  return structuredClone(world.byId(value) ?? value);
}

const notExpandable = (path: string): ReturnType<typeof invalid> =>
  invalid(`This property cannot be expanded (${path}).`, 'expand');
