const SECONDS_PER_MINUTE = 60;

/** Connected time in whole minutes, rounded up; 0 for a call that nobody answered. */
export function wholeMinutes(seconds: number): number {
  return Math.ceil(Math.max(seconds, 0) / SECONDS_PER_MINUTE);
}

/**
 * How long the vendor may let a call last, in seconds: what its template allows, but never longer than the minutes
 * that are reserved for it, so that the vendor itself ends the call before it overruns them.
 */
export function maxDurationSeconds(templateSeconds: number, reservedMinutes: number): number {
  return Math.min(templateSeconds, reservedMinutes * SECONDS_PER_MINUTE);
}
