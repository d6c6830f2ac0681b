/**
 * How long the calls take on so many slots when each one begins, in their order, the moment a slot is free: no dispatcher
 * that keeps the order can be quicker.
 */
export function listSchedule(lengths: readonly number[], slots: number): number {
  const freeAt = new Array<number>(Math.min(slots, lengths.length)).fill(0);
  for (const length of lengths) {
    const next = freeAt.indexOf(Math.min(...freeAt));
    freeAt[next] = (freeAt[next] ?? 0) + length;
  }
  return Math.max(0, ...freeAt);
}
