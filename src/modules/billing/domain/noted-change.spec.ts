import { atPaymentSide, day } from './decide-subscriptions.fixtures';
import { type NotedChange, remainderOf, type Seen } from './noted-change';
import type { PaymentSubscription } from './payment-subscription';

const noted = (kind: NotedChange['kind']): NotedChange => ({ kind, paymentId: 'sub-1', wantedPlanId: 'plan-1' });

function seen(changes: Partial<PaymentSubscription> = {}, parts: Partial<Seen> = {}): Seen {
  const subscription = atPaymentSide(changes);
  return { subscription, isWantedThere: false, isOld: false, ...parts };
}

describe('remainderOf', () => {
  it.each(['upgrade', 'downgrade'] as const)(
    'is nothing for an %s of what is over, or was not seen for long',
    (kind) => {
      expect(remainderOf(noted(kind), seen({ rawStatus: 'canceled', hasUnfinishedChange: true }))).toBe('nothing');
      expect(remainderOf(noted(kind), seen({}, { subscription: undefined }))).toBe('wait');
      expect(remainderOf(noted(kind), seen({}, { subscription: undefined, isOld: true }))).toBe('nothing');
    },
  );

  it.each([[{ endsAt: day(32) }], [{ nextPriceId: 'price-2' }], [{ freeFollows: true }]])(
    'of a better plan that is there is to clear %p',
    (toCome) => {
      expect(remainderOf(noted('upgrade'), seen(toCome, { isWantedThere: true }))).toBe('clear');
      expect(remainderOf(noted('upgrade'), seen(toCome))).toBe('wait');
    },
  );

  it('of a better plan that is there is nothing where nothing else is to come', () => {
    expect(remainderOf(noted('upgrade'), seen({}, { isWantedThere: true }))).toBe('nothing');
  });

  it('of a better plan that is not there lasts as long as it may be paid, or something may be on its way', () => {
    expect(remainderOf(noted('upgrade'), seen({ hasOpenChange: true }, { isOld: true }))).toBe('wait');
    expect(remainderOf(noted('upgrade'), seen({}, { isOld: false }))).toBe('wait');
    expect(remainderOf(noted('upgrade'), seen({ endsAt: day(32) }, { isOld: true }))).toBe('nothing');
  });

  it('of a lesser plan is to put back what was in its way', () => {
    expect(remainderOf(noted('downgrade'), seen({ hasUnfinishedChange: true }, { isOld: true }))).toBe('put-back');
    expect(remainderOf(noted('downgrade'), seen())).toBe('wait');
    expect(remainderOf(noted('downgrade'), seen({ nextPriceId: 'price-2' }, { isOld: true }))).toBe('nothing');
  });
});
