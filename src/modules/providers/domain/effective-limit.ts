/** A limit that the vendor's refusals have lowered. It climbs back with time. */
export interface LoweredLimit {
  /** Calls at once right after the last concurrency refusal, at least 1; null before the first one. */
  readonly loweredLimit: number | null;
  /** Time since then, in milliseconds; null before the first one. */
  readonly loweredForMs: number | null;
}

/** So much time gives back one call at once. */
export const LIMIT_STEP_MS = 30_000;

/**
 * How many calls may be under way at once: never more than the account's own limit.
 *
 * A lowered limit climbs with time and not with accepted calls: counting those would mean to lock and write the
 * provider's row with each of them, and all instances read the same time from the database.
 */
export function effectiveLimit(concurrencyLimit: number, lowered: LoweredLimit): number {
  return Math.min(concurrencyLimit, climbed(lowered));
}

/**
 * The limit after a concurrency refusal: one less than what was in use, which is just what the vendor carries. Further
 * refusals of one batch find less in use, since the refused calls no longer count, and so end at what was accepted;
 * cutting in halves instead would go far below it with the second refusal.
 * @param inUse calls under way, the refused one among them
 */
export function lowerLimit(current: LoweredLimit, inUse: number): LoweredLimit {
  return { loweredLimit: Math.max(1, Math.min(climbed(current), inUse) - 1), loweredForMs: 0 };
}

function climbed({ loweredLimit, loweredForMs }: LoweredLimit): number {
  if (loweredLimit === null) return Infinity;
  return loweredLimit + Math.floor(Math.max(0, loweredForMs ?? 0) / LIMIT_STEP_MS);
}
