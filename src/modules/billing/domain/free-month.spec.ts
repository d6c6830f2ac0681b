import fc from 'fast-check';
import { entitlementAt, type GrantingPlan } from './entitlement';
import { firstFreeMonth } from './free-month';
import { monthFrom, type Period } from './period';
import type { Plan } from './plan';
import type { Subscription } from './subscription';

const at = (text: string) => new Date(text);
const plan = (slug: Plan['slug']): Plan => ({
  id: slug,
  slug,
  name: slug,
  description: '',
  price: 0,
  currency: 'usd',
  interval: 'monthly',
  features: [],
  callLimit: 50,
  minutesLimit: 100,
  trialDays: 0,
});
const free = plan('free');
const PAID: Period = { start: at('2027-01-15T10:00:00Z'), end: at('2027-02-15T10:00:00Z') };
const EARLIER: Period = { start: at('2026-11-03T00:00:00Z'), end: at('2026-12-03T00:00:00Z') };
const ended = (changes: Partial<Subscription> = {}): Subscription => ({
  id: 's',
  userId: 'u',
  plan: plan('basic'),
  status: 'active',
  recordedPeriod: PAID,
  cancelAtPeriodEnd: false,
  grantsUntil: null,
  nextPlanId: null,
  paymentId: 'sub_1',
  readAt: PAID.start,
  ...changes,
});

describe('the first month of the free plan', () => {
  it('begins now for whoever never had it', () => {
    const now = at('2027-02-01T12:00:00Z');
    expect(firstFreeMonth({ free, ended: undefined, earlier: undefined, now })).toEqual(monthFrom(now));
    expect(firstFreeMonth({ free, ended: ended(), earlier: undefined, now })).toEqual(monthFrom(now));
  });

  it('is that of the free plan that the user had before', () => {
    const now = at('2027-02-01T12:00:00Z');
    expect(firstFreeMonth({ free, ended: ended(), earlier: EARLIER, now })).toEqual({
      start: at('2027-01-03T00:00:00Z'),
      end: at('2027-02-03T00:00:00Z'),
    });
  });

  it.each([undefined, EARLIER])('began when the paid plan was over, however late its end is told (%#)', (earlier) => {
    const leaving = ended({ cancelAtPeriodEnd: true, nextPlanId: 'free' });
    const month = { start: PAID.end, end: at('2027-03-15T10:00:00Z') };
    for (const late of ['2027-02-15T10:00:00Z', '2027-02-15T10:00:07Z', '2027-03-15T09:59:59Z'])
      expect(firstFreeMonth({ free, ended: leaving, earlier, now: at(late) })).toEqual(month);
    expect(firstFreeMonth({ free, ended: leaving, earlier, now: at('2027-02-15T09:59:59Z') })).not.toEqual(month);
  });

  it('is the month in which the grace lapsed', () => {
    const lapsed = ended({ grantsUntil: at('2027-01-22T10:00:00Z'), status: 'past_due' });
    const now = at('2027-01-30T10:00:00Z');
    expect(firstFreeMonth({ free, ended: lapsed, earlier: EARLIER, now })).toEqual(PAID);
    // Also for whoever chooses the free plan long after the paid one has ended.
    const month = { start: PAID.end, end: at('2027-03-15T10:00:00Z') };
    for (const later of ['2027-02-15T10:00:00Z', '2027-03-15T09:59:59Z'])
      expect(firstFreeMonth({ free, ended: lapsed, earlier: EARLIER, now: at(later) })).toEqual(month);
  });

  it('is always the one from which the free limits were granted already', () => {
    const days = (from: number, count: number) => new Date(PAID.start.getTime() + (from + count) * 86_400_000);
    const limits: GrantingPlan = { slug: 'free', limits: { calls: free.callLimit, minutes: free.minutesLimit } };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.option(fc.integer({ min: 0, max: 500 })),
        fc.integer({ min: 0, max: 900 }),
        (length, lapsesAfter, passed) => {
          const recordedPeriod = { start: PAID.start, end: days(0, length) };
          const grantsUntil = lapsesAfter === null ? null : days(0, lapsesAfter);
          const source = ended({ recordedPeriod, grantsUntil, nextPlanId: 'free' });
          const now = days(0, passed);
          const grants = {
            plan: { slug: 'basic', limits: { calls: free.callLimit, minutes: free.minutesLimit } } as const,
            recordedPeriod,
            grantsUntil,
          };
          const before = entitlementAt({ ...grants, nextPlan: limits, freePlan: limits, ownLimits: null }, now);
          const isFreeAlready = now >= recordedPeriod.end || (grantsUntil !== null && now >= grantsUntil);
          fc.pre(isFreeAlready);
          expect(firstFreeMonth({ free, ended: source, earlier: EARLIER, now })).toEqual(before.period);
        },
      ),
    );
  });
});
