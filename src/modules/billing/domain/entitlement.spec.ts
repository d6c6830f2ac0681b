import fc from 'fast-check';
import { entitlementAt, type GrantingPlan, type Grants } from './entitlement';
import type { Period } from './period';

const at = (text: string) => new Date(text);
const period = (start: string, end: string): Period => ({ start: at(start), end: at(end) });
const plan = (slug: GrantingPlan['slug'], calls: number | null): GrantingPlan => ({
  slug,
  limits: { calls, minutes: calls },
});

const free = plan('free', 50);
const basic = plan('basic', 500);
const business = plan('business', 2500);
const enterprise = plan('enterprise', null);

const JANUARY = period('2027-01-15T10:00:00Z', '2027-02-15T10:00:00Z');
const IN_JANUARY = at('2027-01-20T00:00:00Z');

const grants = (changes: Partial<Grants> = {}): Grants => ({
  plan: business,
  recordedPeriod: JANUARY,
  grantsUntil: null,
  nextPlan: null,
  freePlan: free,
  ownLimits: null,
  ...changes,
});
const callsAt = (source: Grants, moment: string) => entitlementAt(source, at(moment)).limits.calls;
const monthAt = (recordedPeriod: Period, moment: string) =>
  entitlementAt(grants({ recordedPeriod }), at(moment)).period;

describe('the limits', () => {
  it("are the plan's, as long as the subscription is live", () => {
    expect(entitlementAt(grants(), IN_JANUARY).limits).toEqual(business.limits);
    expect(callsAt(grants(), '2031-01-01T00:00:00Z')).toBe(2500);
  });

  it("are the free plan's from the very moment on at which the plan grants no more", () => {
    const lapsing = grants({ grantsUntil: at('2027-01-22T08:30:00Z') });
    expect(callsAt(lapsing, '2027-01-22T08:29:59.999Z')).toBe(2500);
    expect(callsAt(lapsing, '2027-01-22T08:30:00Z')).toBe(50);
    expect(callsAt(lapsing, '2027-06-01T00:00:00Z')).toBe(50);
  });

  it("are the next plan's from the recorded period's end on, whether or not somebody has told us", () => {
    const changing = grants({ nextPlan: basic });
    expect(callsAt(changing, '2027-02-15T09:59:59.999Z')).toBe(2500);
    expect(callsAt(changing, '2027-02-15T10:00:00Z')).toBe(500);
  });

  it("are the free plan's where it is to follow", () => {
    const ending = grants({ nextPlan: free, grantsUntil: JANUARY.end });
    expect(callsAt(ending, '2027-02-15T09:59:59.999Z')).toBe(2500);
    expect(callsAt(ending, '2027-02-15T10:00:00Z')).toBe(50);
  });

  it('of a plan that grants no more do not come back with the plan that was to follow', () => {
    expect(callsAt(grants({ nextPlan: basic, grantsUntil: IN_JANUARY }), '2027-03-01T00:00:00Z')).toBe(50);
  });

  it('that were agreed with the user hold while the plan that grants is enterprise', () => {
    const ownLimits = { calls: 9000, minutes: null };
    const agreed = grants({ plan: enterprise, ownLimits, nextPlan: business });
    expect(entitlementAt(agreed, IN_JANUARY).limits).toEqual(ownLimits);
    expect(entitlementAt(agreed, JANUARY.end).limits).toEqual(business.limits);
    expect(entitlementAt({ ...agreed, grantsUntil: IN_JANUARY }, IN_JANUARY).limits).toEqual(free.limits);
    expect(entitlementAt({ ...agreed, plan: basic, nextPlan: enterprise }, JANUARY.end).limits).toEqual(ownLimits);
    expect(entitlementAt({ ...agreed, plan: basic }, IN_JANUARY).limits).toEqual(basic.limits);
    expect(entitlementAt({ ...agreed, ownLimits: null }, IN_JANUARY).limits).toEqual(enterprise.limits);
  });
});

describe('the period', () => {
  it.each([
    ['the recorded month', '2027-02-15T09:59:59.999Z', '2027-01-15T10:00:00Z', '2027-02-15T10:00:00Z'],
    ['the end belongs to the next', '2027-02-15T10:00:00Z', '2027-02-15T10:00:00Z', '2027-03-15T10:00:00Z'],
    ['a year without news', '2028-02-29T00:00:00Z', '2028-02-15T10:00:00Z', '2028-03-15T10:00:00Z'],
    ['a clock that is behind', '2027-01-15T09:59:59Z', '2026-12-15T10:00:00Z', '2027-01-15T10:00:00Z'],
  ])('counts months from a recorded month: %s', (_, moment, start, end) => {
    expect(monthAt(JANUARY, moment)).toEqual(period(start, end));
  });

  it.each([
    ['the 31st', '2027-02-28T10:00:00Z', '2027-02-28T10:00:00Z', '2027-03-31T10:00:00Z'],
    ['no drift', '2027-04-30T09:59:59.999Z', '2027-03-31T10:00:00Z', '2027-04-30T10:00:00Z'],
    ['a leap year', '2028-02-29T10:00:00Z', '2028-02-29T10:00:00Z', '2028-03-31T10:00:00Z'],
  ])('keeps to the end of the month: %s', (_, moment, start, end) => {
    for (const recorded of [
      period('2027-01-31T10:00:00Z', '2027-02-28T10:00:00Z'),
      period('2027-02-28T10:00:00Z', '2027-03-31T10:00:00Z'),
    ])
      expect(monthAt(recorded, moment)).toEqual(period(start, end));
  });

  it('keeps to UTC where clocks are changed', () => {
    const recorded = period('2027-03-10T02:30:00Z', '2027-04-10T02:30:00Z');
    expect(monthAt(recorded, '2027-11-10T02:29:59.999Z')).toEqual(
      period('2027-10-10T02:30:00Z', '2027-11-10T02:30:00Z'),
    );
  });

  it.each([
    ['the first', '2028-02-29T12:00:00Z', '2028-02-29T12:00:00Z', '2028-03-29T12:00:00Z'],
    ['one in between', '2028-12-25T00:00:00Z', '2028-11-29T12:00:00Z', '2028-12-29T12:00:00Z'],
    ['the last', '2029-02-28T11:59:59.999Z', '2029-01-29T12:00:00Z', '2029-02-28T12:00:00Z'],
    ['the next year', '2029-02-28T12:00:00Z', '2029-02-28T12:00:00Z', '2029-03-29T12:00:00Z'],
  ])('is a month of a year that began on a leap day: %s', (_, moment, start, end) => {
    expect(monthAt(period('2028-02-29T12:00:00Z', '2029-02-28T12:00:00Z'), moment)).toEqual(period(start, end));
  });

  it.each([
    ['from its start', '2027-01-05T08:00:00Z', '2027-01-05T08:00:00Z', '2027-01-19T08:00:00Z'],
    ['to its very end', '2027-01-19T07:59:59.999Z', '2027-01-05T08:00:00Z', '2027-01-19T08:00:00Z'],
    ['months follow from there', '2027-01-19T08:00:00Z', '2027-01-19T08:00:00Z', '2027-02-19T08:00:00Z'],
    ['and go on', '2027-03-01T00:00:00Z', '2027-02-19T08:00:00Z', '2027-03-19T08:00:00Z'],
  ])('is a trial of two weeks: %s', (_, moment, start, end) => {
    expect(monthAt(period('2027-01-05T08:00:00Z', '2027-01-19T08:00:00Z'), moment)).toEqual(period(start, end));
  });

  it.each([
    ['its first month', '2027-02-28T07:59:59.999Z', '2027-01-31T08:00:00Z', '2027-02-28T08:00:00Z'],
    ['what is left', '2027-02-28T08:00:00Z', '2027-02-28T08:00:00Z', '2027-03-02T08:00:00Z'],
    ['months follow from its end', '2027-03-02T08:00:00Z', '2027-03-02T08:00:00Z', '2027-04-02T08:00:00Z'],
  ])('is a trial of thirty days that began on the 31st: %s', (_, moment, start, end) => {
    expect(monthAt(period('2027-01-31T08:00:00Z', '2027-03-02T08:00:00Z'), moment)).toEqual(period(start, end));
  });

  const moments = fc.date({ min: at('2000-01-01T00:00:00Z'), max: at('2060-12-31T23:59:59Z'), noInvalidDate: true });
  const lengths = fc.integer({ min: 1, max: 400 * 86_400_000 });
  const recordedPeriods = fc
    .tuple(moments, lengths)
    .map(([start, length]): Period => ({ start, end: new Date(start.getTime() + length) }));

  it('contains the moment, for a month at most, and never reaches over the end of the recorded one', () => {
    fc.assert(
      fc.property(recordedPeriods, moments, (recordedPeriod, moment) => {
        const { start, end } = entitlementAt(grants({ recordedPeriod }), moment).period;
        expect(start <= moment && moment < end).toBe(true);
        expect(end.getTime() - start.getTime()).toBeLessThanOrEqual(31 * 86_400_000);
        expect(start < recordedPeriod.end && recordedPeriod.end < end).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves neither gap nor overlap between neighbours', () => {
    fc.assert(
      fc.property(recordedPeriods, moments, (recordedPeriod, moment) => {
        const source = grants({ recordedPeriod });
        const { start, end } = entitlementAt(source, moment).period;
        expect(entitlementAt(source, end).period.start).toEqual(end);
        expect(entitlementAt(source, new Date(start.getTime() - 1)).period.end).toEqual(start);
        expect(entitlementAt(source, start).period).toEqual({ start, end });
      }),
      { numRuns: 1000 },
    );
  });
});
