import type { LocalCheckout, LocalSubscription } from './local-records.schemas';
import { begin, cancelAtEnd, changeAtEnd, changeAtOnce, endPeriod, settle } from './local-subscription';

const MONTHLY = 'local_price_basic_monthly_2900usd';
const BUSINESS = 'local_price_business_monthly_9900usd';
const YEARLY = 'local_price_basic_yearly_29000usd';
const at = (text: string): Date => new Date(`${text}:00Z`);

function bought(moment: string, priceId = MONTHLY, trialDays = 0): LocalSubscription {
  const checkout: LocalCheckout = {
    id: 'local_checkout_1',
    customerId: 'local_customer_1',
    operationId: '1',
    userId: '1',
    priceId,
    trialDays,
    successUrl: '',
    cancelUrl: '',
    status: 'open',
    expiresAt: at(moment),
  };
  return begin('local_subscription_1', checkout, at(moment));
}

const periodOf = ({ period }: LocalSubscription): string =>
  `${period.start.toISOString().slice(0, 16)} ${period.end.toISOString().slice(0, 16)}`;

describe('a subscription of the local payment page', () => {
  it('keeps its day of the month through short months', () => {
    const subscription = bought('2026-01-31T10:00');
    const periods = ['2026-01-31T10:01', '2026-03-01T00:00', '2026-04-01T00:00', '2026-05-29T00:00'].map((now) =>
      periodOf(settle(subscription, at(now), true)),
    );
    expect(periods).toEqual([
      '2026-01-31T10:00 2026-02-28T10:00',
      '2026-02-28T10:00 2026-03-31T10:00',
      '2026-03-31T10:00 2026-04-30T10:00',
      '2026-04-30T10:00 2026-05-31T10:00',
    ]);
  });

  it('lasts a year at a yearly price, from one leap day to the next', () => {
    const subscription = bought('2024-02-29T10:00', YEARLY);
    expect(periodOf(subscription)).toBe('2024-02-29T10:00 2025-02-28T10:00');
    expect(periodOf(settle(subscription, at('2028-02-29T10:00'), true))).toBe('2028-02-29T10:00 2029-02-28T10:00');
  });

  it('takes money for each period that has passed, and for none that has not', () => {
    const subscription = bought('2026-01-15T10:00');
    expect(settle(subscription, at('2026-02-15T09:59'), true)).toBe(subscription);
    const renewed = settle(subscription, at('2026-04-15T10:00'), true);
    expect(renewed.payments).toEqual(['01', '02', '03', '04'].map((month) => at(`2026-${month}-15T10:00`)));
  });

  it('is given up three weeks after the first renewal that failed', () => {
    const subscription = bought('2026-01-15T10:00');
    expect(settle(subscription, at('2026-03-08T09:59'), false)).toMatchObject({
      rawStatus: 'past_due',
      owedSince: at('2026-02-15T10:00'),
    });
    expect(settle(subscription, at('2027-01-01T00:00'), false)).toMatchObject({
      rawStatus: 'canceled',
      endsAt: at('2026-03-08T10:00'),
      endReason: 'payment-failed',
    });
  });

  it('counts its months from the end of the trial, which costs nothing', () => {
    const subscription = bought('2026-01-01T10:00', MONTHLY, 30);
    expect(subscription).toMatchObject({ rawStatus: 'trialing', payments: [] });
    const paid = settle(subscription, at('2026-02-28T09:59'), true);
    expect(paid).toMatchObject({ rawStatus: 'active', payments: [at('2026-01-31T10:00')] });
    expect(periodOf(settle(subscription, at('2026-03-01T00:00'), true))).toBe('2026-02-28T10:00 2026-03-31T10:00');
  });

  it('ends or changes on the day, however late somebody asks', () => {
    const subscription = bought('2026-01-15T10:00');
    expect(settle(cancelAtEnd(subscription, true), at('2026-09-01T00:00'), true)).toMatchObject({
      rawStatus: 'canceled',
      endsAt: at('2026-02-15T10:00'),
      endReason: 'requested',
      freeFollows: true,
    });
    const changed = settle(changeAtEnd(subscription, YEARLY), at('2026-09-01T00:00'), true);
    expect([changed.priceId, periodOf(changed)]).toEqual([YEARLY, '2026-02-15T10:00 2027-02-15T10:00']);
  });

  it('drops a change that nobody pays', () => {
    const waiting = changeAtOnce(bought('2026-01-15T10:00'), BUSINESS, at('2026-01-20T10:00'), false);
    expect(settle(waiting, at('2026-01-21T08:59'), false).openChange).toMatchObject({ priceId: BUSINESS });
    expect(settle(waiting, at('2026-01-21T09:00'), false)).toMatchObject({ openChange: null, priceId: MONTHLY });
  });

  it('counts anew from a period that was cut short', () => {
    const cut = endPeriod(bought('2026-01-15T10:00'), at('2026-01-20T12:00'), true);
    expect(periodOf(cut)).toBe('2026-01-20T12:00 2026-02-20T12:00');
    expect(periodOf(settle(cut, at('2026-02-20T12:00'), true))).toBe('2026-02-20T12:00 2026-03-20T12:00');
  });
});
