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

    describe('whose process dies once it has taken a cancellation back', () => {
      const LATER_MS = 11 * 60_000;
      /** The note, and the taking back. */
      const CHANGES_BEFORE_DEATH = 2;
      const UPDATE = (id: string) => `/v1/subscriptions/${id}`;

      /** As if it had died: from then on nothing gets through any more. */
      async function die(before: PaymentSubscription, firstPath: string): Promise<void> {
        const { sandbox } = side;
        let changes = 0;
        sandbox.onExchange(({ method, path }) => {
          const isChange = method === 'POST' && path === UPDATE(before.id);
          if (isChange) changes += 1;
          if (!isChange || changes !== CHANGES_BEFORE_DEATH) return;
          sandbox.order({ answer: TROUBLE, times: 'always', method: 'POST', path: UPDATE(before.id) });
          sandbox.order({ answer: TROUBLE, times: 'always', method: 'POST', path: firstPath });
        });
        const change = newChange(before, await shop.gateway.offer(BASIC));
        await expect(shop.gateway.changeAtPeriodEnd(change)).rejects.toEqual(UNAVAILABLE);
        sandbox.withdrawOrders();
      }
      const passTime = () => {
        const now = Date.now();
        jest.spyOn(Date, 'now').mockReturnValue(now + LATER_MS);
      };
      const leaving = async (freeFollows = true) => {
        const before = await shop.subscriber(BUSINESS);
        await shop.gateway.cancelAtPeriodEnd(randomUUID(), before.id, freeFollows);
        return shop.now(before);
      };

      it.each([SCHEDULES, `^${SCHEDULES}/.*$`])('at %s leaves a note, by which it is put back', async (path) => {
        const before = await leaving();
        await die(before, path);
        expect(await shop.now(before)).toMatchObject({ endsAt: null, hasUnfinishedChange: true });
        await shop.gateway.finishInterrupted(before.id);
        expect(await shop.now(before)).toMatchObject({ endsAt: null, hasUnfinishedChange: true });
        passTime();
        await shop.gateway.finishInterrupted(before.id);
        expect(await shop.now(before)).toEqual(before);
        await side.endPeriod(before.id);
        expect(await shop.now(before)).toMatchObject({ rawStatus: 'canceled', freeFollows: true });
      });

      it('leaves the day that the portal has set', async () => {
        const { id, customerId } = await shop.subscriber(BUSINESS);
        await side.sandbox.act.portalCancel({ customer: customerId });
        const before = await shop.only(customerId);
        await die(before, SCHEDULES);
        passTime();
        await shop.gateway.finishInterrupted(id);
        expect(await shop.now(before)).toEqual(before);
      });

      it('ends it with the period once the day that the portal has set has come', async () => {
        const { id, customerId } = await shop.subscriber(BUSINESS);
        await side.sandbox.act.portalCancel({ customer: customerId });
        await die(await shop.only(customerId), SCHEDULES);
        await side.endPeriod(id);
        passTime();
        await shop.gateway.finishInterrupted(id);
        const after = await shop.only(customerId);
        expect(after.endsAt).toEqual(after.items[0]!.period.end);
        expect(after).not.toHaveProperty('hasUnfinishedChange');
      });

      it('is forgotten where it counts no more, and not while somebody may be at it', async () => {
        const before = await leaving();
        await die(before, SCHEDULES);
        await shop.gateway.forgetInterrupted(before.id);
        expect(await shop.now(before)).toMatchObject({ hasUnfinishedChange: true });
        passTime();
        await shop.gateway.forgetInterrupted(before.id);
        await shop.gateway.forgetInterrupted(before.id);
        expect(await shop.now(before)).toEqual({ ...before, endsAt: null, freeFollows: false });
      });

      it('changes nothing any more for who has chosen otherwise since', async () => {
        const [stays, lowers, leaves] = [await leaving(), await leaving(), await leaving()];
        for (const before of [stays, lowers, leaves]) await die(before, SCHEDULES);
        const basic = await shop.gateway.offer(BASIC);
        await shop.gateway.goOn(randomUUID(), stays.id);
        await shop.gateway.changeAtPeriodEnd(newChange(lowers, basic));
        await shop.gateway.cancelAtPeriodEnd(randomUUID(), leaves.id, false);
        passTime();
        for (const before of [stays, lowers, leaves]) await shop.gateway.finishInterrupted(before.id);
        const goesOn = { endsAt: null, freeFollows: false };
        expect(await shop.now(stays)).toEqual({ ...stays, ...goesOn });
        expect(await shop.now(lowers)).toMatchObject({ ...goesOn, nextPriceId: basic });
        expect(await shop.now(leaves)).toEqual({ ...leaves, freeFollows: false });
      });

      it('is not needed for one that was finished, whose note is erased', async () => {
        const before = await leaving();
        const basic = await shop.gateway.offer(BASIC);
        await shop.gateway.changeAtPeriodEnd(newChange(before, basic));
        const after = await shop.now(before);
        expect(after).toEqual({ ...before, endsAt: null, freeFollows: false, nextPriceId: basic });
        passTime();
        await shop.gateway.finishInterrupted(before.id);
        expect(await shop.now(before)).toEqual(after);
      });
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
      expect(await shop.now(before)).toEqual({ ...before, hasOpenChange: true });
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
