import type { World } from '../world';
import { list, type Rule, shape, text, type Values } from './params';

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `:id` stands for the one id in it. */
  readonly path: string;
  readonly answer: (world: World, id: string, raw: Parameters<Rule<unknown>>[0]) => Answer;
}

export interface Answer {
  readonly body: object;
  readonly expand: readonly string[];
}

type Rules = Readonly<Record<string, Rule<unknown>>>;
interface Operation<Known extends Rules, Required extends keyof Known & string> {
  readonly takes: Known;
  readonly needs?: readonly Required[];
}

/** Reads and checks the parameters first, so that nothing is done when one of them is wrong. */
export function route<Known extends Rules, Required extends keyof Known & string = never>(
  [method, path]: readonly [Route['method'], string],
  { takes, needs }: Operation<Known, Required>,
  act: (world: World, params: Values<Known, Required>, id: string) => object,
): Route {
  const rule = shape(takes, needs ?? []);
  const expandable = shape({ expand: list(text) });
  return {
    method,
    path,
    answer: (world, id, raw) => {
      const { expand: wanted, ...rest } = typeof raw === 'string' ? {} : raw;
      const { expand = [] } = expandable(wanted === undefined ? {} : { expand: wanted }, '');
      return { body: act(world, rule(rest, ''), id), expand };
    },
  };
}

type Metadata = Readonly<Record<string, string>>;

/** What metadata becomes: named texts are set, empty ones unset, and nothing at all empties it. */
export function merged(before: Metadata | null, change: Metadata | '' | undefined): Record<string, string> {
  if (change === undefined) return { ...before };
  if (change === '') return {};
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''));
}

export const orNull = (value: string): string | null => (value === '' ? null : value);

/** Without what was not given. */
export function given<Value extends object>(values: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
