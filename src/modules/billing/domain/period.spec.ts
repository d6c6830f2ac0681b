import fc from 'fast-check';
import { monthContaining, monthFrom, type Period } from './period';

const at = (text: string) => new Date(text);
const period = (start: string, end: string): Period => ({ start: at(start), end: at(end) });

describe('monthContaining', () => {
  it.each([
    ['the first month itself', '2027-01-31T10:00:00Z', '2027-01-31T10:00:00Z', '2027-02-28T10:00:00Z'],
    ['the last moment of a month', '2027-02-28T09:59:59.999Z', '2027-01-31T10:00:00Z', '2027-02-28T10:00:00Z'],
    ['the end of a month belongs to the next', '2027-02-28T10:00:00Z', '2027-02-28T10:00:00Z', '2027-03-31T10:00:00Z'],
    ['no drift after a short month', '2027-04-01T00:00:00Z', '2027-03-31T10:00:00Z', '2027-04-30T10:00:00Z'],
    ['a leap year', '2028-02-29T10:00:00Z', '2028-02-29T10:00:00Z', '2028-03-31T10:00:00Z'],
    ['the turn of a year', '2028-01-01T00:00:00Z', '2027-12-31T10:00:00Z', '2028-01-31T10:00:00Z'],
    ['a moment before the anchor', '2026-12-31T09:59:59Z', '2026-11-30T10:00:00Z', '2026-12-31T10:00:00Z'],
  ])('%s', (_, moment, start, end) => {
    const anchor = monthFrom(at('2027-01-31T10:00:00Z'));
    expect(monthContaining(anchor, at(moment))).toEqual(period(start, end));
  });

  it('keeps to the day that a short month has clamped', () => {
    const renewed = period('2027-02-28T10:00:00Z', '2027-03-31T10:00:00Z');
    expect(monthContaining(renewed, at('2027-03-30T00:00:00Z'))).toEqual(renewed);
    expect(monthContaining(renewed, at('2027-05-30T00:00:00Z'))).toEqual(
      period('2027-04-30T10:00:00Z', '2027-05-31T10:00:00Z'),
    );
  });

  it('counts months inside a year, and from the start of a trial that is shorter than a month', () => {
    const year = period('2027-03-15T00:00:00Z', '2028-03-15T00:00:00Z');
    expect(monthContaining(year, at('2027-12-24T00:00:00Z'))).toEqual(
      period('2027-12-15T00:00:00Z', '2028-01-15T00:00:00Z'),
    );
    const trial = period('2027-01-05T00:00:00Z', '2027-01-19T00:00:00Z');
    expect(monthContaining(trial, at('2027-01-10T00:00:00Z'))).toEqual(
      period('2027-01-05T00:00:00Z', '2027-02-05T00:00:00Z'),
    );
  });

  const moments = fc.date({ min: at('2000-01-01T00:00:00Z'), max: at('2099-12-31T23:59:59Z'), noInvalidDate: true });

  it('contains the moment, whatever the anchor', () => {
    fc.assert(
      fc.property(moments, moments, (start, moment) => {
        const month = monthContaining(monthFrom(start), moment);
        expect(month.start.getTime()).toBeLessThanOrEqual(moment.getTime());
        expect(month.end.getTime()).toBeGreaterThan(moment.getTime());
      }),
    );
  });

  it('lets every period of a subscription stand in as its anchor', () => {
    fc.assert(
      fc.property(moments, moments, moments, (start, renewal, moment) => {
        const first = monthFrom(start);
        const renewed = monthContaining(first, renewal);
        expect(monthContaining(renewed, moment)).toEqual(monthContaining(first, moment));
      }),
    );
  });

  it('leaves neither gap nor overlap between neighbours', () => {
    fc.assert(
      fc.property(moments, moments, (start, moment) => {
        const anchor = monthFrom(start);
        const month = monthContaining(anchor, moment);
        expect(monthContaining(anchor, month.end).start).toEqual(month.end);
        expect(monthContaining(anchor, new Date(month.start.getTime() - 1)).end).toEqual(month.start);
      }),
    );
  });
});
