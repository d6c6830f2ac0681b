/** What a period has left: calls, and whole minutes; null = unlimited. */
export interface Remaining {
  readonly calls: number | null;
  readonly minutes: number | null;
}

/** The minutes that a wish gets, at most what is left; undefined when no call or no minute is left. */
export function grantedOf({ calls, minutes }: Remaining, wish: number): number | undefined {
  if (calls !== null && calls <= 0) return undefined;
  if (minutes === null) return wish;
  return minutes > 0 ? Math.min(wish, minutes) : undefined;
}

/** What is left once one call and its minutes are taken. Never less than nothing. */
export function without(
  { calls, minutes }: Remaining,
  taken: { readonly calls: number; readonly minutes: number },
): Remaining {
  return { calls: less(calls, taken.calls), minutes: less(minutes, taken.minutes) };
}

function less(left: number | null, taken: number): number | null {
  return left === null ? null : Math.max(left - taken, 0);
}
