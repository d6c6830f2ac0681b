/** A span of time. `start` belongs to it, `end` doesn't. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

const MONTHS_PER_YEAR = 12;

/** The month that begins at `start`, in UTC. January 31st's month ends on the last of February. */
export function monthFrom(start: Date): Period {
  return { start, end: monthStart(start, start.getUTCDate(), 1) };
}

/**
 * The monthly period that contains `moment`, counted in UTC from a subscription's own period, before it too.
 * Month ends are clamped without drift: January 31st, February 28th, March 31st. The period carries its day of the
 * month even when a short month has clamped its start: one from February 28th to March 31st keeps to the 31st, since
 * two short months never follow each other.
 */
export function monthContaining(anchor: Period, moment: Date): Period {
  const day = anchorDay(anchor);
  const sameMonth = monthsBetween(anchor.start, moment);
  const index = monthStart(anchor.start, day, sameMonth) > moment ? sameMonth - 1 : sameMonth;
  return { start: monthStart(anchor.start, day, index), end: monthStart(anchor.start, day, index + 1) };
}

function anchorDay({ start, end }: Period): number {
  const day = start.getUTCDate();
  const isClamped = day === lastDayOf(start.getUTCFullYear(), start.getUTCMonth());
  return isClamped ? Math.max(day, end.getUTCDate()) : day;
}

function monthsBetween(from: Date, to: Date): number {
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  return years * MONTHS_PER_YEAR + to.getUTCMonth() - from.getUTCMonth();
}

/** `from`'s month moved by `months`, on `day` or the last of a shorter month, at `from`'s time of day. */
function monthStart(from: Date, day: number, months: number): Date {
  const moved = new Date(from);
  moved.setUTCDate(1);
  moved.setUTCMonth(from.getUTCMonth() + months);
  moved.setUTCDate(Math.min(day, lastDayOf(moved.getUTCFullYear(), moved.getUTCMonth())));
  return moved;
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}
