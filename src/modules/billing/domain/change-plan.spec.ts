import { changeTo } from './change-plan';
import { day, plan } from './decide-subscriptions.fixtures';
import type { Plan } from './plan';
import type { Subscription } from './subscription';

function live(having: Plan, changes: Partial<Subscription> = {}): Subscription {
  return {
    id: 'subscription-1',
    userId: 'user-1',
    plan: having,
    status: 'active',
    recordedPeriod: { start: day(1), end: day(32) },
    cancelAtPeriodEnd: false,
    grantsUntil: null,
    nextPlanId: null,
    paymentId: 'sub-1',
    readAt: day(5),
    ...changes,
  };
}

const [free, basic, basicYearly, business] = [plan('free'), plan('basic'), plan('basic', 'yearly'), plan('business')];

describe('changeTo', () => {
  it.each([
    [basic, business, 'upgrade'],
    [basicYearly, business, 'upgrade'],
    [basic, basicYearly, 'upgrade'],
    [business, basic, 'downgrade'],
    [business, basicYearly, 'downgrade'],
    [basicYearly, basic, 'downgrade'],
    [basic, basic, 'none'],
    [basic, free, 'end-for-free'],
  ])('from %p to %p is %s', (having, wanted, change) => {
    expect(changeTo(wanted, live(having))).toBe(change);
  });

  it('has a better plan paid for during a trial as well, and lets a lesser one wait for its end', () => {
    expect(changeTo(business, live(basic, { status: 'trialing' }))).toBe('upgrade');
    expect(changeTo(basic, live(business, { status: 'trialing' }))).toBe('downgrade');
  });

  it('takes back what is to come when the plan that one has is chosen', () => {
    expect(changeTo(basic, live(basic, { cancelAtPeriodEnd: true }))).toBe('go-on');
    expect(changeTo(basic, live(basic, { cancelAtPeriodEnd: true, nextPlanId: free.id }))).toBe('go-on');
    expect(changeTo(business, live(business, { nextPlanId: basic.id }))).toBe('go-on');
  });

  it('does not ask again for what is to come already', () => {
    expect(changeTo(basic, live(business, { nextPlanId: basic.id }))).toBe('none');
    expect(changeTo(free, live(basic, { cancelAtPeriodEnd: true, nextPlanId: free.id }))).toBe('none');
  });

  it('lets the free plan follow one that was to end without', () => {
    expect(changeTo(free, live(basic, { cancelAtPeriodEnd: true }))).toBe('end-for-free');
  });

  it('changes one that was to end, or to change, otherwise', () => {
    expect(changeTo(business, live(basic, { cancelAtPeriodEnd: true }))).toBe('upgrade');
    expect(changeTo(basicYearly, live(business, { nextPlanId: basic.id }))).toBe('downgrade');
  });

  it('wants what is owed first, but lets anybody leave', () => {
    const owing = { status: 'past_due' } as const;
    expect(changeTo(business, live(basic, owing))).toBe('pay-first');
    expect(changeTo(basic, live(business, owing))).toBe('pay-first');
    expect(changeTo(free, live(basic, owing))).toBe('end-for-free');
    expect(changeTo(basic, live(basic, owing))).toBe('none');
  });
});
