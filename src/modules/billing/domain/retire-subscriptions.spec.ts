import { day, recorded } from './decide-subscriptions.fixtures';
import { retireSubscriptions } from './retire-subscriptions';

describe('retireSubscriptions', () => {
  it.each([
    ['active', 'active'],
    ['trialing', 'trialing'],
    ['past_due', 'past_due'],
    ['past_due', 'a word that nobody knows'],
  ] as const)('ends one that is %s (%s), and the free plan follows', (status, rawStatus) => {
    const decision = retireSubscriptions([recorded({ status, rawStatus, nextPlanId: 'plan-business-monthly' })], null);
    const ended = recorded({ status: 'canceled', rawStatus: 'canceled', grantsUntil: null });
    expect(decision).toMatchObject({ isNews: true, records: [ended], free: 'starts', surplusIds: [], alerts: [] });
  });

  it('follows no wish to have nothing afterwards', () => {
    const wished = recorded({ cancelAtPeriodEnd: true, grantsUntil: day(32) });
    expect(retireSubscriptions([wished], null).free).toBe('starts');
  });

  it('leaves the free plan to who has it, and nothing to who had nothing', () => {
    const unbegun = recorded({ status: 'canceled', rawStatus: 'incomplete' });
    expect(retireSubscriptions([unbegun], null)).toMatchObject({ free: 'stays-as-it-is', isNews: true });
    expect(retireSubscriptions([unbegun], day(1))).toMatchObject({ free: 'stays-as-it-is', isNews: true });
  });

  it('does nothing a second time', () => {
    const { records } = retireSubscriptions([recorded()], null);
    expect(retireSubscriptions(records, day(2))).toMatchObject({ records: [], free: 'stays-as-it-is', isNews: false });
    expect(retireSubscriptions([], null)).toMatchObject({ records: [], free: 'stays-as-it-is', isNews: false });
  });
});
