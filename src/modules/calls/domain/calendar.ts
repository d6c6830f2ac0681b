const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIME = /^(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const OFFSET = /^[+-](\d{2}):?(\d{2})?$/;
const LAST_HOUR = 23;
const LAST_MINUTE = 59;
const LAST_MONTH = 12;

/** Whether the text is an ISO 8601 date, or a date and a time of day, that exists: 2028-02-29 does, 2027-02-29 does not. */
export function isExistingDate(text: string): boolean {
  const [date = '', time, ...rest] = text.split('T');
  return rest.length === 0 && isCalendarDay(date) && (time === undefined || isTimeOfDay(time));
}

function isCalendarDay(text: string): boolean {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= LAST_MONTH && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function isTimeOfDay(text: string): boolean {
  const [, hour, minute, second = '0', zone = 'Z'] = TIME.exec(text) ?? [];
  return isWithin(hour, LAST_HOUR) && isWithin(minute, LAST_MINUTE) && isWithin(second, LAST_MINUTE) && isZone(zone);
}

function isZone(text: string): boolean {
  if (text === 'Z') return true;
  const [, hour, minute = '0'] = OFFSET.exec(text) ?? [];
  return isWithin(hour, LAST_HOUR) && isWithin(minute, LAST_MINUTE);
}

function isWithin(text: string | undefined, last: number): boolean {
  return text !== undefined && Number(text) <= last;
}
