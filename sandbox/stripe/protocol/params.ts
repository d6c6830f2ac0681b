import type { Raw, RawMap } from './form';
import { invalid, missingParameter, unknownParameter } from './refusals';

/** Reads one parameter; `path` names it in refusals, as in `items[0][price]`. @throws Refusal */
export type Rule<Value> = (raw: Raw, path: string) => Value;
type ValueOf<SomeRule> = SomeRule extends Rule<infer Value> ? Value : never;
type Rules = Readonly<Record<string, Rule<unknown>>>;

export type Values<Known extends Rules, Required extends keyof Known> = {
  readonly [Key in Exclude<keyof Known, Required>]?: ValueOf<Known[Key]>;
} & { readonly [Key in Required]: ValueOf<Known[Key]> };

export const text: Rule<string> = (raw, path) => {
  if (typeof raw !== 'string') throw invalid(`Invalid string: ${JSON.stringify(raw)}`, path);
  if (raw === '') throw invalid(`You passed an empty string for '${path}'.`, path, 'parameter_invalid_empty');
  return raw;
};

export const integer: Rule<number> = (raw, path) => {
  if (typeof raw === 'string' && /^-?\d+$/.test(raw)) return Number(raw);
  throw invalid(`Invalid integer: ${JSON.stringify(raw)}`, path, 'parameter_invalid_integer');
};

export const flag: Rule<boolean> = (raw, path) => {
  if (raw === 'true' || raw === 'false') return raw === 'true';
  throw invalid(`Invalid boolean: ${JSON.stringify(raw)}`, path);
};

export const url: Rule<string> = (raw, path) => {
  const value = text(raw, path);
  if (!/^https?:\/\//.test(value)) throw invalid('Not a valid URL', path, 'url_invalid');
  return value;
};

export function choice<const Word extends string>(...words: readonly Word[]): Rule<Word> {
  return (raw, path) => {
    const word = words.find((known) => known === raw);
    if (word !== undefined) return word;
    throw invalid(`Invalid ${path}: must be one of ${words.join(', ')}`, path);
  };
}

/** An empty text unsets. */
export function emptyable<Value>(rule: Rule<Value>): Rule<Value | ''> {
  return (raw, path) => (raw === '' ? '' : rule(raw, path));
}

/** Whichever reads it. */
export function either<One, Other>(one: Rule<One>, other: Rule<Other>): Rule<One | Other> {
  return (raw, path) => {
    try {
      return one(raw, path);
    } catch {
      return other(raw, path);
    }
  };
}

export function list<Item>(rule: Rule<Item>): Rule<readonly Item[]> {
  return (raw, path) => {
    if (raw === '') return [];
    if (typeof raw === 'string' || Object.keys(raw).some((name) => !/^\d+$/.test(name))) {
      throw invalid('Invalid array', path);
    }
    return Object.entries(raw).map(([position, item]) => rule(item, `${path}[${position}]`));
  };
}

const MAX_METADATA = { keys: 50, name: 40, value: 500 };

/** Up to 50 texts by name; an empty one unsets. */
export const metadata: Rule<Readonly<Record<string, string>> | ''> = (raw, path) => {
  if (raw === '') return '';
  if (typeof raw === 'string') throw invalid('Invalid object', path);
  const entries = Object.entries(raw).map(([name, value]) => {
    if (typeof value !== 'string') throw invalid('Metadata values must be strings', `${path}[${name}]`);
    if (name.length > MAX_METADATA.name) throw invalid('Metadata keys can be up to 40 characters', path);
    if (value.length > MAX_METADATA.value) throw invalid('Metadata values can have up to 500 characters', path);
    return [name, value] as const;
  });
  if (entries.length > MAX_METADATA.keys) throw invalid('Metadata can have up to 50 keys', path);
  return Object.fromEntries(entries);
};

/** An object of known parameters. Anything else in it is refused, as Stripe does. */
export function shape<const Known extends Rules, Required extends keyof Known & string = never>(
  rules: Known,
  required: readonly Required[] = [],
): Rule<Values<Known, Required>> {
  return (raw, path) => {
    if (typeof raw === 'string') throw invalid('Invalid object', path);
    const inner = (name: string): string => (path === '' ? name : `${path}[${name}]`);
    const unknown = Object.keys(raw).find((name) => !Object.hasOwn(rules, name));
    if (unknown !== undefined) throw unknownParameter(inner(unknown));
    const absent = required.find((name) => raw[name] === undefined);
    if (absent !== undefined) throw missingParameter(inner(absent));
    return Object.fromEntries(
      Object.entries(raw).map(([name, value]) => [name, rules[name]?.(value, inner(name))]),
    ) as Values<Known, Required>;
  };
}

/** Seconds, or a range of them. */
export const moment = either(integer, shape({ gt: integer, gte: integer, lt: integer, lte: integer })) as Rule<
  number | Moments
>;

export interface Moments {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

export const NOTHING: RawMap = {};
