import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { PaymentObjectMissing } from '../../src/modules/billing/domain/billing.errors';
import { type StripeSide, startStripeSide } from '../support/stripe-payment-side';
import { stripeTypeFaults } from '../support/stripe-types';
import { describePaymentGateway } from './payment-gateway.contract';
import { BASIC, BASIC_YEARLY, BUSINESS, ENTERPRISE, newChange, newWish, Shop } from './payment-side';

type Exchange = StripeSandbox['exchanges'][number];
type Ending = Parameters<typeof startStripeSide>[0];

/** What went over the wire, each kind once, for the check against the library's types. */
const exchanges = new Map<string, Exchange>();

async function start(end?: Ending): Promise<StripeSide> {
  const side = await startStripeSide(end);
  side.sandbox.onExchange((exchange) => {
    const answer = JSON.stringify(exchange.body);
    const kind = kindOf(exchange, answer);
    if (answer.length < LONG && !exchanges.has(kind)) exchanges.set(kind, exchange);
  });
  return side;
}

/** The same but for ids, amounts and times. */
function kindOf({ method, path, rawQuery, rawBody, status }: Exchange, answer: string): string {
  const text = [method, path, rawQuery, rawBody, status, answer].join(' ');
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'U')
    .replace(/_[A-Za-z0-9]{8,}/g, '_I')
    .replace(/\d+/g, '0');
}
/** Of lists of many, the short ones tell the same. */
const LONG = 50_000;

describePaymentGateway('Stripe', () => start(), {
  network: true,
  webhooks: true,
  confirmation: true,
  statuses: ['past_due', 'paused', 'incomplete', 'incomplete_expired'],
});

describe('StripePaymentGateway', () => {
  let side: StripeSide;
  let shop: Shop;
  const open = async (end?: Ending) => {
    side = await start(end);
    shop = new Shop(side);
  };
  const pricesOf = (lookup: string) => side.sandbox.all('price').filter(({ lookup_key }) => lookup_key === lookup);
  beforeEach(() => open());
  afterEach(() => side.stop());

  describe('what is sold', () => {
    it('is a product per tier and a price per plan, in cents, found by its lookup key', async () => {
      await shop.gateway.offer(BASIC);
      await shop.gateway.offer(BASIC_YEARLY);
      expect(side.sandbox.all('product')).toMatchObject([{ id: 'ringonce_basic', name: 'Basic', active: true }]);
      expect(side.sandbox.all('price')).toMatchObject([
        { lookup_key: 'ringonce_basic_monthly', unit_amount: 2_900, currency: 'usd', recurring: { interval: 'month' } },
        { lookup_key: 'ringonce_basic_yearly', unit_amount: 29_000, recurring: { interval: 'year' } },
      ]);
    });

    it('leaves one price active when the amount changes, however many change it at once', async () => {
      const first = await shop.gateway.offer(BASIC);
      const offers = [35, 35, 35].map((price) => shop.gateway.offer({ ...BASIC, price }));
      const [second] = new Set(await Promise.all(offers));
      expect(side.sandbox.all('price')).toMatchObject([
        { id: first, active: false, lookup_key: null },
        { id: second, active: true, lookup_key: 'ringonce_basic_monthly' },
      ]);
      const third = await shop.gateway.offer(BASIC);
      expect(pricesOf('ringonce_basic_monthly')).toMatchObject([{ id: third, active: true, unit_amount: 2_900 }]);
      expect(side.sandbox.all('price').filter(({ active }) => active)).toHaveLength(1);
    });

    it("follows the monthly plan's words, and asks for nothing where nothing changed", async () => {
      await shop.gateway.offer(BASIC);
      await shop.gateway.offer({ ...BASIC_YEARLY, description: 'Two months are free.' });
      const posts = () => side.sandbox.requests.filter(({ method }) => method === 'POST').length;
      const before = posts();
      await shop.gateway.offer(BASIC);
      await shop.gateway.offer({ ...BASIC_YEARLY, description: 'Two months are free.' });
      expect(posts()).toBe(before);
      await shop.gateway.offer({ ...BASIC, name: 'Small', description: 'Other words.' });
      expect(side.sandbox.all('product')).toMatchObject([{ name: 'Small', description: 'Other words.' }]);
    });

    it('comes back when somebody switched it off at Stripe', async () => {
      const priceId = await shop.gateway.offer(BASIC);
      const [product, price] = [side.sandbox.all('product')[0]!, side.sandbox.all('price')[0]!];
      Object.assign(product, { active: false });
      Object.assign(price, { active: false });
      expect(await shop.gateway.offer(BASIC)).toBe(priceId);
      expect([product.active, price.active]).toEqual([true, true]);
    });
  });

  describe('a price that was replaced', () => {
    const replace = async (plan = BASIC) => {
      const old = await shop.gateway.offer(plan);
      return { old, current: await shop.gateway.offer({ ...plan, price: plan.price + 10 }) };
    };
    const isActive = (id: string) => side.sandbox.all('price').find((price) => price.id === id)?.active;

    it('is refused where somebody wants to change to it, or to buy, and an operator is told what to do', async () => {
      const error = jest.spyOn(Logger.prototype, 'error');
      const [before, buyer] = [await shop.subscriber(BUSINESS), await shop.newCustomer()];
      await shop.gateway.cancelAtPeriodEnd(randomUUID(), before.id, true);
      const leaving = await shop.now(before);
      const { old } = await replace();
      const refused = { code: 'billing.price_replaced', kind: 'unavailable' };
      await expect(shop.gateway.changeAtPeriodEnd(newChange(before, old))).rejects.toMatchObject(refused);
      await expect(shop.gateway.changeNow(newChange(before, old))).rejects.toMatchObject(refused);
      await expect(shop.gateway.openCheckout(newWish(buyer, old))).rejects.toMatchObject(refused);
      expect(await shop.now(before)).toEqual(leaving);
      expect(error).toHaveBeenCalledTimes(3);
      expect(error).toHaveBeenCalledWith(expect.stringMatching(`${old}.*stripe:sync-plans`));
    });

    it('leaves whoever goes on paying it free to change plans', async () => {
      const before = await shop.subscriber(BUSINESS);
      const { old } = await replace(BUSINESS);
      const basic = await shop.gateway.offer(BASIC);
      await shop.gateway.changeAtPeriodEnd(newChange(before, basic));
      expect(await shop.now(before)).toEqual({ ...before, nextPriceId: basic });
      expect(isActive(old)).toBe(false);
      await side.setCard(before.customerId, 'declines');
      expect(await shop.gateway.changeNow(newChange(before, await shop.gateway.offer(ENTERPRISE)))).toBe(false);
      expect(await shop.now(before)).toEqual({ ...before, nextPriceId: basic, hasOpenChange: true });
      expect(isActive(old)).toBe(false);
      await side.setCard(before.customerId, 'works');
      await side.endPeriod(before.id);
      expect(await shop.now(before)).toMatchObject({ items: [{ priceId: basic }] });
    });
  });

  it('notes the user wherever an event may be about, and asks for a card also for a trial', async () => {
    const [customerId, userId] = [await shop.newCustomer(), randomUUID()];
    const wish = newWish(customerId, await shop.gateway.offer(BASIC), { userId, trialDays: 14 });
    await shop.gateway.openCheckout(wish);
    const [request] = side.sandbox.requestsTo('POST', '/v1/checkout/sessions');
    expect(request).toMatchObject({
      idempotencyKey: `checkout:${wish.operationId}`,
      params: {
        client_reference_id: userId,
        metadata: { user_id: userId },
        payment_method_collection: 'always',
        subscription_data: {
          metadata: { user_id: userId },
          trial_period_days: '14',
          trial_settings: { end_behavior: { missing_payment_method: 'cancel' } },
          billing_mode: { type: 'flexible' },
        },
      },
    });
  });

  it('gives every step of a change a key of its own, made of the operation', async () => {
    const before = await shop.subscriber(BUSINESS);
    const down = newChange(before, await shop.gateway.offer(BASIC));
    await shop.gateway.changeAtPeriodEnd(down);
    const ending = randomUUID();
    await shop.gateway.cancelAtPeriodEnd(ending, before.id, true);
    const keys = side.sandbox.requests.flatMap(({ idempotencyKey }) => idempotencyKey ?? []);
    const [schedule] = side.sandbox.all('subscription_schedule');
    expect(keys.slice(-4)).toEqual([
      `${down.operationId}:schedule`,
      `${down.operationId}:phases:${schedule!.id}`,
      `${ending}:release:${schedule!.id}`,
      `${ending}:cancel`,
    ]);
    expect(schedule).toMatchObject({ status: 'released' });
  });

  it('knows a cancellation in the portal, which sets only a date, and takes it back', async () => {
    const before = await shop.subscriber();
    const canceled = await side.sandbox.act.portalCancel({ customer: before.customerId });
    expect(canceled.cancel_at_period_end).toBe(false);
    expect(await shop.now(before)).toEqual({ ...before, endsAt: before.items[0]!.period.end });
    await shop.gateway.goOn(randomUUID(), before.id);
    expect(await shop.now(before)).toEqual(before);
  });

  it('takes a cancellation in the portal back when the plan is changed', async () => {
    const [up, down] = [await shop.subscriber(), await shop.subscriber(BUSINESS)];
    for (const { customerId } of [up, down]) await side.sandbox.act.portalCancel({ customer: customerId });
    expect(await shop.gateway.changeNow(newChange(up, await shop.gateway.offer(BUSINESS)))).toBe(true);
    await shop.gateway.changeAtPeriodEnd(newChange(down, await shop.gateway.offer(BASIC)));
    expect(await shop.now(up)).toMatchObject({ endsAt: null });
    expect(await shop.now(down)).toMatchObject({ endsAt: null, nextPriceId: await shop.gateway.offer(BASIC) });
  });

  it('makes the configuration of the portal once, and leaves changing plans to us', async () => {
    const { customerId } = await shop.subscriber();
    for (let time = 0; time < 2; time += 1) await shop.gateway.openPortal(customerId, 'https://app.example.com');
    const others = [side.connect(), side.connect()];
    await Promise.all(others.map((gateway) => gateway.openPortal(customerId, 'https://app.example.com')));
    expect(side.sandbox.all('billing_portal.configuration')).toMatchObject([
      {
        features: {
          payment_method_update: { enabled: true },
          invoice_history: { enabled: true },
          subscription_cancel: { enabled: true, mode: 'at_period_end' },
          subscription_update: { enabled: false },
        },
      },
    ]);
  });

  it('makes another configuration of the portal when somebody switched it off', async () => {
    const { customerId } = await shop.subscriber();
    const openPortal = () => shop.gateway.openPortal(customerId, 'https://app.example.com');
    await openPortal();
    const configurations = () => side.sandbox.all('billing_portal.configuration');
    Object.assign(configurations()[0]!, { active: false });
    expect(await openPortal()).toMatch(/^http/);
    expect(configurations()).toMatchObject([{ active: false }, { active: true }]);
  });

  it('makes a customer also when the address has changed since an answer was lost', async () => {
    const userId = randomUUID();
    const customerId = await shop.newCustomer(userId);
    const moved = { userId, email: 'moved@example.com', replaces: null };
    const second = await shop.gateway.createCustomer(moved);
    expect(second).not.toBe(customerId);
    expect(await side.connect().createCustomer(moved)).toBe(second);
  });

  it("is an error, and nobody's end, when the account never had the customer", async () => {
    const subscription = await shop.subscriber();
    const elsewhere = await startStripeSide();
    const asked = elsewhere.gateway.subscriptionsOf(subscription.customerId, [subscription.id]);
    await expect(asked).rejects.toBeInstanceOf(PaymentObjectMissing);
    await elsewhere.stop();
  });

  describe('who does not pay', () => {
    const owing = async (end: Ending) => {
      await side.stop();
      await open(end);
      const before = await shop.subscriber();
      await side.setCard(before.customerId, 'declines');
      await side.endPeriod(before.id);
      return before;
    };

    it('is unpaid in the end where the account is set up so', async () => {
      const before = await owing('unpaid');
      const owed = await shop.now(before);
      await side.giveUp(before.id);
      expect(await shop.now(before)).toMatchObject({ rawStatus: 'unpaid', endsAt: null, owedSince: owed.owedSince });
    });

    it('owes since the oldest invoice, whatever has been added since', async () => {
      const before = await owing('past_due');
      const owed = await shop.now(before);
      await side.endPeriod(before.id);
      await side.endPeriod(before.id);
      const later = await shop.now(before);
      expect(later).toMatchObject({ rawStatus: 'past_due', owedSince: owed.owedSince });
      expect(later.items[0]!.period.start.getTime()).toBeGreaterThan(owed.items[0]!.period.start.getTime());
    });
  });
});

// The last test of the file: it looks at what all the others said.
describe("Stripe's own types", () => {
  it('accept every request that was sent, and every answer of the stand-in', () => {
    expect(exchanges.size).toBeGreaterThan(100);
    expect(stripeTypeFaults([...exchanges.values()])).toEqual([]);
  });
});
