import type { RecurringInterval } from '../objects/wire';

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Recurrence {
  readonly interval: RecurringInterval;
  readonly interval_count: number;
}

/** Seconds since 1970, the end excluded. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/**
 * The anchor's date so many months later, in UTC. A day that the month lacks becomes its last one; later months get the
 * anchor's own day back, because they are counted from the anchor and not from each other.
 */
export function monthsAfter(anchor: number, months: number): number {
  const from = new Date(anchor * 1000);
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  return Math.floor(Date.UTC(year, month, day, from.getUTCHours(), from.getUTCMinutes(), from.getUTCSeconds()) / 1000);
}

/** The boundary of this number, counted from the anchor (which is number 0). */
function boundary(anchor: number, { interval, interval_count: count }: Recurrence, number: number): number {
  switch (interval) {
    case 'day':
      return anchor + number * count * DAY;
    case 'week':
      return anchor + number * count * 7 * DAY;
    case 'month':
      return monthsAfter(anchor, number * count);
    case 'year':
      return monthsAfter(anchor, number * count * 12);
  }
}

const AVERAGE_SECONDS = { day: DAY, week: 7 * DAY, month: 30.44 * DAY, year: 365.25 * DAY } as const;

/** The period around this moment, which may lie before the anchor. */
export function periodAround(anchor: number, recurrence: Recurrence, moment: number): Period {
  const length = AVERAGE_SECONDS[recurrence.interval] * recurrence.interval_count;
  let number = Math.floor((moment - anchor) / length) - 1;
  while (boundary(anchor, recurrence, number + 1) <= moment) number += 1;
  return { start: boundary(anchor, recurrence, number), end: boundary(anchor, recurrence, number + 1) };
}
