import type { SandboxCall } from './sandbox-call';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

type Comparison = (left: number, right: number) => boolean;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  Gt: (left, right) => left > right,
  Lt: (left, right) => left < right,
  Ge: (left, right) => left >= right,
  Le: (left, right) => left <= right,
};

const KNOWN = [
  'id',
  'assistantId',
  'phoneNumberId',
  'limit',
  ...Object.keys(COMPARISONS).flatMap((suffix) => [`createdAt${suffix}`, `updatedAt${suffix}`]),
];

/** The limit of a list, or what is wrong with the query. */
export function readLimit(query: URLSearchParams, known: readonly string[] = KNOWN): number | string {
  const unknown = [...query.keys()].find((key) => !known.includes(key));
  if (unknown !== undefined) return `property ${unknown} should not exist`;
  const limit = Number(query.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 0) return 'limit must be a number conforming to the specified constraints';
  return limit > MAX_LIMIT ? `limit must not be greater than ${MAX_LIMIT}` : limit;
}

/** The calls a list shows, the newest first. */
export function listCalls(calls: Iterable<SandboxCall>, query: URLSearchParams, limit: number): readonly SandboxCall[] {
  return [...calls]
    .filter((call) => call.isVisible && hasIds(call, query) && isWithin(call, query))
    .reverse()
    .slice(0, limit);
}

function hasIds(call: SandboxCall, query: URLSearchParams): boolean {
  const ids = { id: call.id, assistantId: call.assistant.id, phoneNumberId: call.phoneNumber.id };
  return Object.entries(ids).every(([name, id]) => (query.get(name) ?? id) === id);
}

function isWithin(call: SandboxCall, query: URLSearchParams): boolean {
  return Object.entries(COMPARISONS).every(([suffix, compare]) =>
    (['createdAt', 'updatedAt'] as const).every((field) => {
      const bound = query.get(`${field}${suffix}`);
      return bound === null || compare(call[field].getTime(), Date.parse(bound));
    }),
  );
}
