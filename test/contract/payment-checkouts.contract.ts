import { randomUUID } from 'node:crypto';
import { BASIC, BUSINESS, newWish, type PaymentSide, useShop } from './payment-side';

/** How users come to a subscription. */
export function describeCheckouts(make: () => Promise<PaymentSide>): void {
  describe('checkout pages', () => {
    const shop = useShop(make);

    const opened = async (userId = randomUUID()) => {
      const customerId = await shop().newCustomer(userId);
      const wish = newWish(customerId, await shop().gateway.offer(BASIC), { userId });
      return { customerId, userId, wish, checkout: await shop().gateway.openCheckout(wish) };
    };

    it('open for a while, and nothing is bought yet', async () => {
      const { checkout, customerId } = await opened();
      expect(checkout).toEqual({ id: expect.any(String), url: expect.any(String), expiresAt: expect.any(Date) });
      expect(checkout.expiresAt.getTime()).toBeGreaterThan(shop().side.now().getTime());
      expect(await shop().gateway.subscriptionsOf(customerId, [])).toEqual([]);
    });

    it('are the same page for the same operation, also at the same time', async () => {
      const { checkout, customerId, wish } = await opened();
      const again = await Promise.all(Array.from({ length: 4 }, () => shop().gateway.openCheckout(wish)));
      for (const { id, url } of again) expect({ id, url }).toEqual({ id: checkout.id, url: checkout.url });
      expect(await shop().side.openPages(customerId)).toBe(1);
      await shop().gateway.openCheckout({ ...wish, operationId: randomUUID() });
      expect(await shop().side.openPages(customerId)).toBe(2);
    });

    it('sell what was wished for to whom it was wished for', async () => {
      const { checkout, customerId, userId, wish } = await opened();
      await shop().side.pay(checkout.url);
      const subscription = await shop().only(customerId);
      expect(subscription).toMatchObject({
        customerId,
        userId,
        rawStatus: 'active',
        items: [{ priceId: wish.priceId, period: { start: expect.any(Date), end: expect.any(Date) } }],
        nextPriceId: null,
        trialStart: null,
        endsAt: null,
        endReason: null,
        freeFollows: false,
        owedSince: null,
        paymentMethod: expect.stringMatching(/\d{4}$/),
      });
      expect(await shop().side.payments(customerId)).toBe(1);
      expect(await shop().side.openPages(customerId)).toBe(0);
    });

    it('stay open when the payment is declined, and can still be paid', async () => {
      const { checkout, customerId } = await opened();
      await shop().side.decline(checkout.url);
      const attempted = await shop().gateway.subscriptionsOf(customerId, []);
      expect(attempted.filter(({ rawStatus }) => rawStatus !== 'incomplete')).toEqual([]);
      await shop().side.pay(checkout.url);
      expect(await shop().only(customerId)).toMatchObject({ rawStatus: 'active' });
    });

    it('are followed by another one for the same operation only when they are over', async () => {
      const { checkout, customerId, wish } = await opened();
      await shop().gateway.closeCheckouts(customerId, null);
      const [second, same] = await Promise.all([shop().gateway.openCheckout(wish), shop().gateway.openCheckout(wish)]);
      expect(second.id).not.toBe(checkout.id);
      expect(same).toEqual(second);
      expect(await shop().side.openPages(customerId)).toBe(1);
      await shop().side.pay(second.url);
      expect(await shop().only(customerId)).toMatchObject({ rawStatus: 'active' });
    });

    it('are closed one by one, and what is over needs no closing', async () => {
      const { checkout, customerId, wish } = await opened();
      const other = await shop().gateway.openCheckout({ ...wish, operationId: randomUUID() });
      const close = () => shop().gateway.closeCheckout(checkout.id);
      await Promise.all([close(), close()]);
      await close();
      await expect(shop().side.pay(checkout.url)).rejects.toThrow();
      await shop().side.pay(other.url);
      await shop().gateway.closeCheckout(other.id);
      expect(await shop().only(customerId)).toMatchObject({ rawStatus: 'active' });
    });

    it('are closed but one', async () => {
      const { checkout, customerId, wish } = await opened();
      const others = [randomUUID(), randomUUID()].map((operationId) =>
        shop().gateway.openCheckout({ ...wish, operationId }),
      );
      const [kept, other] = await Promise.all(others);
      const foreign = await opened();
      const close = () => shop().gateway.closeCheckouts(customerId, kept!.id);
      await Promise.all([close(), close()]);
      expect(await shop().side.openPages(customerId)).toBe(1);
      await expect(shop().side.pay(checkout.url)).rejects.toThrow();
      await expect(shop().side.pay(other!.url)).rejects.toThrow();
      await shop().side.pay(kept!.url);
      await shop().side.pay(foreign.checkout.url);
      expect(await shop().only(customerId)).toMatchObject({ rawStatus: 'active' });
    });

    it('close without touching what was bought', async () => {
      const subscription = await shop().subscriber(BUSINESS);
      await shop().gateway.closeCheckouts(subscription.customerId, null);
      await shop().gateway.closeCheckouts(subscription.customerId, null);
      expect(await shop().now(subscription)).toEqual(subscription);
    });

    it('cannot be paid twice', async () => {
      const { checkout, customerId } = await opened();
      await shop().side.pay(checkout.url);
      await expect(shop().side.pay(checkout.url)).rejects.toThrow();
      expect(await shop().only(customerId)).toMatchObject({ rawStatus: 'active' });
    });
  });
}
