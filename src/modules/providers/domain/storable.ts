const MAX_DEPTH = 40;
const EARLIEST_MS = Date.UTC(2000, 0);
const LATEST_MS = Date.UTC(2100, 0);
/** A week: no call lasts longer, and what claims to is no duration. */
const MAX_SECONDS = 604_800;
const MAX_USD = 1_000_000;

/** Text without what a database cannot keep: NUL characters and halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** The same for everything inside a JSON value; what is nested absurdly deep is left out. */
export function storableJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => storableJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item, depth + 1)]),
  );
}

/** A moment of our century; anything else is no time of a call. */
export function storableDate(value: string | number | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(value);
  return date.getTime() >= EARLIEST_MS && date.getTime() < LATEST_MS ? date : undefined;
}

/** Whole seconds, begun ones counted; undefined for what is no duration. */
export function storableSeconds(seconds: number | undefined): number | undefined {
  if (seconds === undefined || Number.isNaN(seconds) || seconds > MAX_SECONDS) return undefined;
  return Math.max(0, Math.ceil(seconds));
}

/** Millionths of a dollar. */
export function storableMicros(usd: number | undefined): number | undefined {
  return usd === undefined || !(usd >= 0 && usd < MAX_USD) ? undefined : Math.round(usd * 1e6);
}
