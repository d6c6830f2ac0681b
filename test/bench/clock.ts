/** Milliseconds on the machine's own monotonic clock, which all its processes share: moments of two can be compared. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
