import { atPaymentSide, day, GRACE_DAYS, recorded, TERMS } from './decide-subscriptions.fixtures';
import type { PaymentSubscription } from './payment-subscription';
import { readPaymentSubscription } from './read-payment-subscription';

function read(changes: Partial<PaymentSubscription>, known?: Parameters<typeof readPaymentSubscription>[1]) {
  const { reading, alerts } = readPaymentSubscription(atPaymentSide(changes), known, TERMS);
  return { record: reading?.record, rank: reading?.rank, alerts };
}

describe('readPaymentSubscription', () => {
  it.each([
    ['active', 'active', 0],
    ['trialing', 'trialing', 0],
    ['past_due', 'past_due', 1],
    ['unpaid', 'past_due', 2],
    ['paused', 'past_due', 2],
    ['incomplete', 'canceled', null],
    ['incomplete_expired', 'canceled', null],
    ['canceled', 'canceled', null],
  ])('takes %s for %s and keeps the word', (rawStatus, status, rank) => {
    expect(read({ rawStatus })).toMatchObject({ record: { status, rawStatus }, rank, alerts: [] });
  });

  it.each(['active', 'trialing'])(
    'grants one that is %s for a week beyond what was told, and no longer',
    (rawStatus) => {
      expect(read({ rawStatus }).record).toEqual(recorded({ rawStatus, status: rawStatus as never }));
      expect(read({ rawStatus }).record?.grantsUntil).toEqual(day(32 + 7));
    },
  );

  it('counts that week from the end of a yearly period, too', () => {
    const items = [{ priceId: 'price-basic', period: { start: day(1), end: day(366) } }];
    expect(read({ items }).record?.grantsUntil).toEqual(day(366 + 7));
  });

  it('lets the lesser plan that follows hold for that week, and then the free one', () => {
    const { record } = read({ nextPriceId: 'price-business' });
    expect(record).toMatchObject({ nextPlanId: 'plan-business-monthly', grantsUntil: day(32 + 7) });
  });

  it('grants until the end of one that is canceled, however that was said', () => {
    expect(read({ endsAt: day(20) }).record).toMatchObject({ grantsUntil: day(20), cancelAtPeriodEnd: true });
    expect(read({ endsAt: day(32) }).record?.grantsUntil).toEqual(day(32));
    expect(read({ endsAt: day(99) }).record?.grantsUntil).toEqual(day(32 + 7));
  });

  it.each(['unpaid', 'paused'])('grants nothing while it is %s', (rawStatus) => {
    expect(read({ rawStatus }).record?.grantsUntil).toEqual(day(1));
  });

  it('grants an owed one for the days of grace, from the day it was owed', () => {
    const owed = { rawStatus: 'past_due', owedSince: day(3) };
    expect(read(owed).record).toMatchObject({ grantsUntil: day(3 + GRACE_DAYS), owedSince: day(3) });
    expect(read({ ...owed, endsAt: day(5) }).record?.grantsUntil).toEqual(day(5));
    expect(read({ ...owed, endsAt: day(25) }).record?.grantsUntil).toEqual(day(3 + GRACE_DAYS));
    expect(read({ rawStatus: 'past_due' }).record?.grantsUntil).toEqual(day(1 + GRACE_DAYS));
  });

  it('knows which plan follows', () => {
    expect(read({ nextPriceId: 'price-business' }).record?.nextPlanId).toBe('plan-business-monthly');
    expect(read({ endsAt: day(32), freeFollows: true }).record?.nextPlanId).toBe('plan-free-monthly');
    expect(read({ endsAt: day(32), nextPriceId: 'price-business' }).record?.nextPlanId).toBeNull();
  });

  it('does not let the free plan follow one that goes on', () => {
    expect(read({ freeFollows: true }).record?.nextPlanId).toBeNull();
  });

  it('grants and expects nothing of one that has ended', () => {
    const ended = { rawStatus: 'canceled', endsAt: day(10), freeFollows: true, owedSince: day(2), nextPriceId: 'x' };
    expect(read(ended).record).toMatchObject({
      grantsUntil: null,
      nextPlanId: null,
      owedSince: null,
      cancelAtPeriodEnd: false,
    });
  });

  it('finds the plan by any price it was ever sold at, among other items', () => {
    const items = [
      { priceId: 'price-of-a-mug', period: { start: day(2), end: day(9) } },
      { priceId: 'price-basic-of-old', period: { start: day(1), end: day(32) } },
    ];
    expect(read({ items })).toMatchObject({ record: recorded(), alerts: [] });
  });

  describe('with a price that belongs to no plan', () => {
    const items = [
      { priceId: 'mug', period: { start: day(2), end: day(9) } },
      { priceId: 'cup', period: { start: day(4), end: day(12) } },
    ];

    it('keeps the plan that was recorded, and tells', () => {
      const { record, alerts } = read({ items }, recorded({ planId: 'plan-business-monthly' }));
      expect(record).toMatchObject({ planId: 'plan-business-monthly', period: { start: day(2), end: day(12) } });
      expect(alerts).toEqual([expect.stringContaining('(mug, cup)')]);
    });

    it('is none of ours when nothing is recorded', () => {
      expect(read({ items })).toMatchObject({ record: undefined, alerts: [expect.any(String)] });
    });

    it('is not worth a word once it is over', () => {
      expect(read({ items, rawStatus: 'canceled' })).toEqual({ record: undefined, rank: undefined, alerts: [] });
    });

    it('tells of one that is to come', () => {
      const { record, alerts } = read({ nextPriceId: 'mug' });
      expect(record?.nextPlanId).toBeNull();
      expect(alerts).toEqual([expect.stringContaining('mug')]);
    });

    it('keeps what is recorded when it has no item at all', () => {
      expect(read({ items: [] }, recorded()).record).toEqual(recorded());
      expect(read({ items: [] }).record).toBeUndefined();
    });
  });

  describe('with a word that nobody knows', () => {
    it('keeps everything else as it was, and tells', () => {
      const known = recorded({ status: 'past_due', grantsUntil: day(9), planId: 'plan-business-monthly' });
      const { record, rank, alerts } = read({ rawStatus: 'hibernating' }, known);
      expect(record).toEqual({ ...known, rawStatus: 'hibernating' });
      expect(rank).toBe(1.5);
      expect(alerts).toEqual([expect.stringContaining('"hibernating"')]);
    });

    it('grants nothing when it is new', () => {
      const { record, rank } = read({ rawStatus: 'hibernating' });
      expect(record).toMatchObject({ status: 'canceled', rawStatus: 'hibernating' });
      expect(rank).toBeNull();
    });
  });

  it('makes a period that can be recorded of one that ends where it starts', () => {
    const items = [{ priceId: 'price-basic', period: { start: day(4), end: day(4) } }];
    expect(read({ items }).record?.period).toEqual({ start: day(4), end: day(35) });
  });
});
