import { randomUUID } from 'node:crypto';
import { PaymentsUnavailable } from '../../src/modules/billing/domain/billing.errors';
import { BASIC, BUSINESS, type Mishap, newChange, newWish, type PaymentSide, type Shop, useShop } from './payment-side';

const NOTHING_DONE: readonly Mishap[] = [
  'unreachable',
  'error-before',
  'overloaded',
  'rate-limit',
  'cut-before',
  'hang',
  'wrong-key',
];
const DONE_ALL_THE_SAME: readonly Mishap[] = ['lost-answer', 'error-after'];

/** What happens when the payment side cannot be reached, or its answer does not arrive. */
export function describePaymentNetwork(make: () => Promise<PaymentSide>): void {
  describe('a network that fails', () => {
    const shop = useShop(make);

    const failing = async (mishap: Mishap, ask: () => Promise<unknown>): Promise<void> => {
      shop().side.fail(mishap);
      const failure: unknown = await ask().catch((error: unknown) => error);
      shop().side.heal();
      expect(failure).toBeInstanceOf(PaymentsUnavailable);
      const text = `${JSON.stringify(failure)} ${String((failure as Error).stack)}`;
      for (const secret of shop().side.secrets) expect(text).not.toContain(secret);
    };

    it.each(NOTHING_DONE)('is told apart from every answer (%s), and the next request succeeds', async (mishap) => {
      const customerId = await shop().newCustomer();
      await failing(mishap, () => shop().gateway.subscriptionsOf(customerId, []));
      expect(await shop().gateway.subscriptionsOf(customerId, [])).toEqual([]);
    });

    it.each<[string, (shop: Shop) => Promise<unknown>]>([
      ['createCustomer', (some) => some.newCustomer()],
      ['openCheckout', ({ gateway }) => gateway.openCheckout(newWish('cus_1', 'price_1'))],
      ['closeCheckouts', ({ gateway }) => gateway.closeCheckouts('cus_1', null)],
      ['isDeleted', ({ gateway }) => gateway.isDeleted('cus_1')],
      ['allSubscriptions', ({ gateway }) => gateway.allSubscriptions()[Symbol.asyncIterator]().next()],
      ['changeNow', ({ gateway }) => gateway.changeNow(newChange({ id: 'sub_1' }, 'price_1'))],
      ['changeAtPeriodEnd', ({ gateway }) => gateway.changeAtPeriodEnd(newChange({ id: 'sub_1' }, 'price_1'))],
      ['cancelAtPeriodEnd', ({ gateway }) => gateway.cancelAtPeriodEnd(randomUUID(), 'sub_1', true)],
      ['goOn', ({ gateway }) => gateway.goOn(randomUUID(), 'sub_1')],
      ['cancelNow', ({ gateway }) => gateway.cancelNow('sub_1')],
      ['openPortal', ({ gateway }) => gateway.openPortal('cus_1', 'https://app.example.com')],
      ['offer', ({ gateway }) => gateway.offer(BASIC)],
    ])('keeps %s from an answer', (_method, ask) => failing('unreachable', () => ask(shop())));

    it('says when to come back, if it was told', async () => {
      const customerId = await shop().newCustomer();
      shop().side.fail('rate-limit');
      await expect(shop().gateway.isDeleted(customerId)).rejects.toMatchObject({ retryAfterSeconds: 7 });
    });

    describe.each(DONE_ALL_THE_SAME)('%s, and the same operation again', (mishap) => {
      const lostThenRepeated = async (ask: () => Promise<unknown>): Promise<void> => {
        shop().side.fail(mishap);
        await ask().catch((error: unknown) => {
          expect(error).toBeInstanceOf(PaymentsUnavailable);
        });
        shop().side.heal();
        await ask();
      };

      it('makes one customer', async () => {
        const userId = randomUUID();
        const ids = new Set<string>();
        await lostThenRepeated(async () => ids.add(await shop().newCustomer(userId)));
        expect(await shop().newCustomer(userId)).toBe([...ids].at(-1));
      });

      it('opens one page to buy at', async () => {
        const customerId = await shop().newCustomer();
        const wish = newWish(customerId, await shop().gateway.offer(BASIC));
        await lostThenRepeated(() => shop().gateway.openCheckout(wish));
        const checkout = await shop().gateway.openCheckout(wish);
        await shop().gateway.closeCheckouts(customerId, checkout.id);
        expect(await shop().side.openPages(customerId)).toBe(1);
      });

      it('charges once for a change', async () => {
        const before = await shop().subscriber();
        const change = newChange(before, await shop().gateway.offer(BUSINESS));
        await lostThenRepeated(() => shop().gateway.changeNow(change));
        expect(await shop().now(before)).toMatchObject({ items: [{ priceId: change.priceId }] });
        expect(await shop().side.payments(before.customerId)).toBe(2);
      });

      it('announces one change', async () => {
        const before = await shop().subscriber(BUSINESS);
        const change = newChange(before, await shop().gateway.offer(BASIC));
        await lostThenRepeated(() => shop().gateway.changeAtPeriodEnd(change));
        expect(await shop().now(before)).toEqual({ ...before, nextPriceId: change.priceId });
      });

      it('ends at the end of the period, and goes on', async () => {
        const before = await shop().subscriber();
        const [ending, goingOn] = [randomUUID(), randomUUID()];
        await lostThenRepeated(() => shop().gateway.cancelAtPeriodEnd(ending, before.id, true));
        expect(await shop().now(before)).toEqual({ ...before, endsAt: before.items[0]!.period.end, freeFollows: true });
        await lostThenRepeated(() => shop().gateway.goOn(goingOn, before.id));
        expect(await shop().now(before)).toEqual(before);
      });

      it('ends now, once', async () => {
        const before = await shop().subscriber();
        await lostThenRepeated(() => shop().gateway.cancelNow(before.id));
        expect(await shop().now(before)).toMatchObject({ rawStatus: 'canceled' });
      });

      it('sells at one price', async () => {
        await lostThenRepeated(() => shop().gateway.offer(BASIC));
        const priceId = await shop().gateway.offer(BASIC);
        expect(await shop().gateway.offer(BASIC)).toBe(priceId);
      });
    });
  });
}
