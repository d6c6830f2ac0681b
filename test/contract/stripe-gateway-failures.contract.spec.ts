import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import type { StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { PaymentsUnavailable } from '../../src/modules/billing/domain/billing.errors';
import type { PaymentSubscription } from '../../src/modules/billing/domain/payment-subscription';
import { type StripeSide, startStripeSide } from '../support/stripe-payment-side';
import { BASIC, BUSINESS, ENTERPRISE, newChange, Shop } from './payment-side';

type Answer = Parameters<StripeSandbox['order']>[0]['answer'];
const UNAVAILABLE = expect.any(PaymentsUnavailable);
const TROUBLE: Answer = { kind: 'error', status: 500 };
const SCHEDULES = '/v1/subscription_schedules';

describe('StripePaymentGateway, when a change fails half way', () => {
  let side: StripeSide;
  let shop: Shop;
  const during = async (answer: Answer, path: string, work: () => Promise<unknown>) => {
    side.sandbox.order({ answer, times: 'always', method: 'POST', path });
    await expect(work()).rejects.toEqual(UNAVAILABLE);
    side.sandbox.withdrawOrders();
  };
  const lowered = async () => {
    const before = await shop.subscriber(BUSINESS);
    await shop.gateway.changeAtPeriodEnd(newChange(before, await shop.gateway.offer(BASIC)));
    return shop.now(before);
  };
  beforeEach(async () => {
    side = await startStripeSide();
    shop = new Shop(side);
  });
  afterEach(() => side.stop());

  describe('a change at the end of the period', () => {
    const steps: readonly (readonly [Answer, string])[] = [
      [TROUBLE, SCHEDULES],
      [TROUBLE, `^${SCHEDULES}/[^/]+$`],
      [{ kind: 'error-after', status: 500 }, `^${SCHEDULES}/.*$`],
    ];

    it.each(steps)('lets whoever wanted to leave leave: %j at %s, and may be asked for again', async (answer, path) => {
      const before = await shop.subscriber(BUSINESS);
      await shop.gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      const leaving = await shop.now(before);
      const change = newChange(before, await shop.gateway.offer(BASIC));
      await during(answer, path, () => shop.gateway.changeAtPeriodEnd(change));
      expect(await shop.now(before)).toEqual(leaving);
      await shop.gateway.changeAtPeriodEnd(change);
      expect(await shop.now(before)).toEqual({ ...before, nextPriceId: change.priceId });
      await shop.gateway.cancelAtPeriodEnd(randomUUID(), before.id, false);
      await shop.gateway.changeAtPeriodEnd(change);
      expect(await shop.now(before)).toMatchObject({ endsAt: leaving.endsAt, freeFollows: false });
    });

    it('keeps the day of an end that the portal has set', async () => {
      const before = await shop.subscriber(BUSINESS);
      await side.sandbox.act.portalCancel({ customer: before.customerId });
      const leaving = await shop.now(before);
      const change = newChange(before, await shop.gateway.offer(BASIC));
      await during(TROUBLE, SCHEDULES, () => shop.gateway.changeAtPeriodEnd(change));
      expect(await shop.now(before)).toEqual(leaving);
      await side.endPeriod(before.id);
      expect(await shop.now(before)).toMatchObject({ rawStatus: 'canceled' });
    });
  });

  it('a cancellation that did not happen leaves the change that was to come', async () => {
    const before = await lowered();
    const cancel = () => shop.gateway.cancelAtPeriodEnd(operationId, before.id, true);
    const operationId = randomUUID();
    await during(TROUBLE, `/v1/subscriptions/${before.id}`, cancel);
    expect(await shop.now(before)).toEqual(before);
    await cancel();
    expect(await shop.now(before)).toMatchObject({ nextPriceId: null, endsAt: before.items[0]!.period.end });
  });

  it('a cancellation whose answer was bad and that happened all the same stays', async () => {
    const before = await lowered();
    await during({ kind: 'error-after', status: 500 }, `/v1/subscriptions/${before.id}`, () =>
      shop.gateway.cancelAtPeriodEnd(randomUUID(), before.id, true),
    );
    expect(await shop.now(before)).toMatchObject({ nextPriceId: null, endsAt: before.items[0]!.period.end });
  });

  describe('a change at once', () => {
    const upgrade = async ({ id }: PaymentSubscription) => newChange({ id }, await shop.gateway.offer(ENTERPRISE));

    it.each(['declines', 'requires-action'] as const)('leaves what was to come when the card %s', async (card) => {
      const before = await lowered();
      await side.setCard(before.customerId, card);
      expect(await shop.gateway.changeNow(await upgrade(before))).toBe(false);
      expect(await shop.now(before)).toEqual(before);
      await side.setCard(before.customerId, 'works');
      await side.endPeriod(before.id);
      expect(await shop.now(before)).toMatchObject({ items: [{ priceId: before.nextPriceId }], nextPriceId: null });
    });

    it('leaves what was to come when Stripe has trouble, and takes it back when asked again', async () => {
      const before = await lowered();
      const change = await upgrade(before);
      await during(TROUBLE, `/v1/subscriptions/${before.id}`, () => shop.gateway.changeNow(change));
      expect(await shop.now(before)).toEqual(before);
      expect(await shop.gateway.changeNow(change)).toBe(true);
      expect(await shop.now(before)).toMatchObject({ items: [{ priceId: change.priceId }], nextPriceId: null });
    });
  });

  describe('beside something that was added by hand, in front', () => {
    const withAddOn = async () => {
      const before = await shop.subscriber(BUSINESS);
      const { id: addOn } = await side.sandbox.price({ lookupKey: 'support_month', amount: 500, interval: 'month' });
      const stripe = new Stripe(side.sandbox.apiKey, side.sandbox.clientOptions);
      await stripe.subscriptions.update(before.id, { items: [{ price: addOn }] });
      side.sandbox.subscriptions.find(({ id }) => id === before.id)!.items.data.reverse();
      return { before, addOn };
    };
    const pricesOf = async (subscription: PaymentSubscription) =>
      (await shop.now(subscription)).items.map(({ priceId }) => priceId);

    it('a change at once changes what is ours, also where its price was replaced', async () => {
      const { before, addOn } = await withAddOn();
      await shop.gateway.offer({ ...BUSINESS, price: 120 });
      const price = await shop.gateway.offer(ENTERPRISE);
      expect(await shop.gateway.changeNow(newChange(before, price))).toBe(true);
      expect(await pricesOf(before)).toEqual([addOn, price]);
    });

    it('a change at the end of the period does so too', async () => {
      const { before, addOn } = await withAddOn();
      const price = await shop.gateway.offer(BASIC);
      await shop.gateway.changeAtPeriodEnd(newChange(before, price));
      expect(await shop.now(before)).toMatchObject({ nextPriceId: price });
      await side.endPeriod(before.id);
      expect(await pricesOf(before)).toEqual([addOn, price]);
    });
  });
});
