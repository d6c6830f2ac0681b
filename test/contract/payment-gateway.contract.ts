import { randomUUID } from 'node:crypto';
import { PaymentObjectMissing } from '../../src/modules/billing/domain/billing.errors';
import type { PaymentSubscription } from '../../src/modules/billing/domain/payment-subscription';
import { describeCheckouts } from './payment-checkouts.contract';
import { describePlanChanges } from './payment-plan-changes.contract';
import { describePaymentNetwork } from './payment-network.contract';
import {
  type Abilities,
  BASIC,
  BUSINESS,
  newChange,
  newWish,
  type PaymentSide,
  type Shop,
  UNKNOWN,
  useShop,
} from './payment-side';
import { describePaymentWebhooks } from './payment-webhooks.contract';

const DAY_MS = 86_400_000;

/** What every payment side's gateway promises. `make` gives one on which nothing has happened yet. */
export function describePaymentGateway(name: string, make: () => Promise<PaymentSide>, abilities: Abilities): void {
  describe(`PaymentGateway: ${name}`, () => {
    describeOffers(make);
    describeCustomers(make);
    describeCheckouts(make);
    describeLife(make, abilities);
    describePlanChanges(make, abilities);
    describeLists(make);
    if (abilities.webhooks) describePaymentWebhooks(make);
    if (abilities.network) describePaymentNetwork(make);
  });
}

function describeOffers(make: () => Promise<PaymentSide>): void {
  describe('what is sold', () => {
    const shop = useShop(make);

    it('keeps its price when offered again', async () => {
      const priceId = await shop().gateway.offer(BASIC);
      expect(await shop().gateway.offer(BASIC)).toBe(priceId);
      expect(await shop().gateway.offer({ ...BASIC, name: 'Small', description: 'Renamed.' })).toBe(priceId);
    });

    it('gets one price when two offer it at the same time', async () => {
      const [first, second, third] = await Promise.all([BASIC, BASIC, BASIC].map((plan) => shop().gateway.offer(plan)));
      expect([second, third]).toEqual([first, first]);
      expect(await shop().gateway.offer(BASIC)).toBe(first);
    });

    it('gets another price when the amount changes, and who bought earlier keeps the earlier one', async () => {
      const subscription = await shop().subscriber();
      const dearer = await shop().gateway.offer({ ...BASIC, price: 35 });
      expect(dearer).not.toBe(subscription.items[0]!.priceId);
      expect(await shop().gateway.offer({ ...BASIC, price: 35 })).toBe(dearer);
      await shop().side.endPeriod(subscription.id);
      expect(await shop().now(subscription)).toMatchObject({ items: [{ priceId: subscription.items[0]!.priceId }] });
    });

    it('tells plans and intervals apart', async () => {
      const prices = [
        await shop().gateway.offer(BASIC),
        await shop().gateway.offer({ ...BASIC, interval: 'yearly' }),
        await shop().gateway.offer(BUSINESS),
      ];
      expect(new Set(prices).size).toBe(3);
    });
  });
}

function describeCustomers(make: () => Promise<PaymentSide>): void {
  describe('customers', () => {
    const shop = useShop(make);

    it('makes one per user, also for requests at the same time', async () => {
      const userId = randomUUID();
      const ids = await Promise.all(Array.from({ length: 5 }, () => shop().newCustomer(userId)));
      expect(new Set([...ids, await shop().newCustomer(userId)]).size).toBe(1);
      expect(await shop().side.customersOf(userId)).toBe(1);
      expect(await shop().newCustomer()).not.toBe(ids[0]);
    });

    it('makes one for a user without an address', async () => {
      const customer = { userId: randomUUID(), email: null, replaces: null };
      const customerId = await shop().gateway.createCustomer(customer);
      expect(await shop().gateway.createCustomer(customer)).toBe(customerId);
      expect(await shop().gateway.subscriptionsOf(customerId, [])).toEqual([]);
      expect(await shop().gateway.isDeleted(customerId)).toBe(false);
    });

    it('says who was deleted, gives the subscriptions that are known, and makes one anew', async () => {
      const subscription = await shop().subscriber();
      const { customerId, id, userId } = subscription;
      await shop().side.deleteCustomer(customerId);
      expect(await shop().gateway.isDeleted(customerId)).toBe(true);
      const [ended] = await shop().gateway.subscriptionsOf(customerId, [id]);
      expect(ended).toMatchObject({ id, customerId, rawStatus: 'canceled', endsAt: expect.any(Date) });
      const successor = await shop().newCustomer(userId!, customerId);
      expect(successor).not.toBe(customerId);
      expect(await shop().newCustomer(userId!, customerId)).toBe(successor);
      expect(await shop().gateway.isDeleted(successor)).toBe(false);
    });

    it('sells nothing to a deleted customer', async () => {
      const customerId = await shop().newCustomer();
      const priceId = await shop().gateway.offer(BASIC);
      await shop().side.deleteCustomer(customerId);
      const missing = expect.any(PaymentObjectMissing);
      await expect(shop().gateway.openCheckout(newWish(customerId, priceId))).rejects.toEqual(missing);
      await expect(shop().gateway.openPortal(customerId, 'https://app.example.com')).rejects.toEqual(missing);
    });

    it('opens a page to manage payments, as often as asked', async () => {
      const { customerId } = await shop().subscriber();
      const open = () => shop().gateway.openPortal(customerId, 'https://app.example.com/account');
      expect(await Promise.all([open(), open()])).toEqual(Array(2).fill(expect.stringMatching(/^https?:\/\//)));
    });
  });

  describe('what nobody knows', () => {
    const shop = useShop(make);
    const change = { operationId: randomUUID(), subscriptionId: UNKNOWN, priceId: UNKNOWN };

    it.each<[string, (shop: Shop) => Promise<unknown>]>([
      ['isDeleted', ({ gateway }) => gateway.isDeleted(UNKNOWN)],
      ['subscriptionsOf', ({ gateway }) => gateway.subscriptionsOf(UNKNOWN, [])],
      ['openCheckout', ({ gateway }) => gateway.openCheckout(newWish(UNKNOWN, UNKNOWN))],
      ['openPortal', ({ gateway }) => gateway.openPortal(UNKNOWN, 'https://app.example.com')],
      ['changeNow', ({ gateway }) => gateway.changeNow(change)],
      ['changeAtPeriodEnd', ({ gateway }) => gateway.changeAtPeriodEnd(change)],
      ['cancelAtPeriodEnd', ({ gateway }) => gateway.cancelAtPeriodEnd(randomUUID(), UNKNOWN, false)],
      ['goOn', ({ gateway }) => gateway.goOn(randomUUID(), UNKNOWN)],
      ['cancelNow', ({ gateway }) => gateway.cancelNow(UNKNOWN)],
    ])('%s says so', async (_method, ask) => {
      await expect(ask(shop())).rejects.toBeInstanceOf(PaymentObjectMissing);
    });

    it('says so when only the price is unknown', async () => {
      const { gateway } = shop();
      const subscription = await shop().subscriber();
      const missing = expect.any(PaymentObjectMissing);
      await expect(gateway.openCheckout(newWish(subscription.customerId, UNKNOWN))).rejects.toEqual(missing);
      await expect(gateway.changeNow(newChange(subscription, UNKNOWN))).rejects.toEqual(missing);
      await expect(gateway.changeAtPeriodEnd(newChange(subscription, UNKNOWN))).rejects.toEqual(missing);
      expect(await shop().now(subscription)).toEqual(subscription);
    });

    it('leaves a known id out that is gone', async () => {
      const subscription = await shop().subscriber();
      expect(await gatewayIds(shop(), subscription.customerId, [UNKNOWN, subscription.id])).toEqual([subscription.id]);
    });
  });
}

function describeLife(make: () => Promise<PaymentSide>, abilities: Abilities): void {
  describe('the life of a subscription', () => {
    const shop = useShop(make);

    it('renews: the next period begins where the last one ended', async () => {
      const before = await shop().subscriber();
      await shop().side.endPeriod(before.id);
      const after = await shop().now(before);
      expect(after).toMatchObject({ rawStatus: 'active', owedSince: null, endsAt: null, createdAt: before.createdAt });
      expect(after.items[0]!.period.start).toEqual(before.items[0]!.period.end);
      expect(await shop().side.payments(before.customerId)).toBe(2);
    });

    it('is past due when a renewal fails, since the day the money was owed, and goes on once it is paid', async () => {
      const before = await shop().subscriber();
      await shop().side.setCard(before.customerId, 'declines');
      await shop().side.endPeriod(before.id);
      const owed = await shop().now(before);
      const boundary = before.items[0]!.period.end;
      expect(owed).toMatchObject({ rawStatus: 'past_due', endsAt: null, items: [{ period: { start: boundary } }] });
      expect(daysBetween(boundary, owed.owedSince!)).toBeCloseTo(0, 0);
      await shop().side.setCard(before.customerId, 'works');
      await shop().side.payWhatIsOpen(before.customerId);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'active', owedSince: null });
    });

    it('ends when it is never paid, and says why', async () => {
      const before = await shop().subscriber();
      await shop().side.setCard(before.customerId, 'declines');
      await shop().side.endPeriod(before.id);
      await shop().side.giveUp(before.id);
      expect(await shop().now(before)).toMatchObject({
        rawStatus: 'canceled',
        endReason: 'payment-failed',
        endsAt: expect.any(Date),
        freeFollows: false,
      });
    });

    it('begins to cost when the trial is over', async () => {
      const before = await shop().subscriber(BASIC, 14);
      expect(before).toMatchObject({ rawStatus: 'trialing', trialStart: expect.any(Date) });
      expect(daysBetween(before.items[0]!.period.start, before.items[0]!.period.end)).toBeCloseTo(14, 0);
      expect(await shop().side.payments(before.customerId)).toBe(0);
      await shop().side.endPeriod(before.id);
      expect(await shop().now(before)).toMatchObject({ rawStatus: 'active', trialStart: before.trialStart });
      expect(await shop().side.payments(before.customerId)).toBe(1);
    });

    for (const status of abilities.statuses) {
      it(`may be ${status}`, async () => {
        const before = await shop().subscriber();
        const id = await shop().side.reach(status, before);
        const all = await shop().gateway.subscriptionsOf(before.customerId, []);
        expect(all.find((one) => one.id === id)).toMatchObject({ rawStatus: status, customerId: before.customerId });
      });
    }
  });
}

function describeLists(make: () => Promise<PaymentSide>): void {
  describe('lists', () => {
    const shop = useShop(make);

    it('gives every subscription of a customer, however many, ended ones included', async () => {
      const subscription = await shop().subscriber();
      await shop().side.addSubscriptions(subscription.customerId, subscription.items[0]!.priceId, 104);
      await shop().gateway.cancelNow(subscription.id);
      const ids = await gatewayIds(shop(), subscription.customerId, []);
      expect(new Set(ids).size).toBe(105);
      expect(ids).toHaveLength(105);
    });

    it('gives every subscription there is, ended ones included', async () => {
      const [ended, live] = [await shop().subscriber(), await shop().subscriber(BUSINESS)];
      await shop().gateway.cancelNow(ended.id);
      await shop().side.addSubscriptions(live.customerId, live.items[0]!.priceId, 103);
      const all: PaymentSubscription[] = [];
      for await (const page of shop().gateway.allSubscriptions()) {
        for (const one of page) if ('id' in one) all.push(one);
      }
      expect(new Set(all.map(({ id }) => id)).size).toBe(105);
      expect(all).toHaveLength(105);
      expect(all).toContainEqual(await shop().now(ended));
      expect(all).toContainEqual(live);
    });

    it('is empty before anything was bought', async () => {
      for await (const page of shop().gateway.allSubscriptions()) expect(page).toEqual([]);
    });
  });
}

async function gatewayIds({ gateway }: Shop, customerId: string, knownIds: readonly string[]): Promise<string[]> {
  return (await gateway.subscriptionsOf(customerId, knownIds)).map(({ id }) => id);
}

function daysBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / DAY_MS;
}
