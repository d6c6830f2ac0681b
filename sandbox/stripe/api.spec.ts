import Stripe from 'stripe';
import { type Opened, opened, refusalOf, seconds } from './opened.fixtures';

describe("The API of Stripe's stand-in", () => {
  let world: Opened;
  beforeEach(async () => (world = await opened()));
  afterEach(() => world.sandbox.stop());

  const checkout = (price: string): Stripe.Checkout.SessionCreateParams => ({
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://example.com/done',
  });

  describe('refuses', () => {
    it('another key', async () => {
      const other = new Stripe('sk_test_other', { ...world.sandbox.clientOptions, maxNetworkRetries: 0 });
      expect(await refusalOf(other.customers.create())).toMatchObject({ statusCode: 401 });
    });

    it('an unknown parameter, at any depth', async () => {
      const { stripe, sandbox } = world;
      expect(await refusalOf(stripe.customers.create({ nickname: 'A' } as never))).toMatchObject({
        statusCode: 400,
        code: 'parameter_unknown',
        param: 'nickname',
      });
      const { id } = await sandbox.price({ amount: 1900 });
      const wrong = { ...checkout(id), subscription_data: { trial_days: 3 } } as never;
      expect(await refusalOf(stripe.checkout.sessions.create(wrong))).toMatchObject({
        param: 'subscription_data[trial_days]',
      });
    });

    it.each([
      ['payment_method_types', { payment_method_types: ['card'] }],
      ['ui_mode', { ui_mode: 'hosted' }],
    ])('the old %s of a checkout', async (param, old) => {
      const { id } = await world.sandbox.price({ amount: 1900 });
      const request = world.stripe.checkout.sessions.create({ ...checkout(id), ...old });
      expect(await refusalOf(request)).toMatchObject({ statusCode: 400, param });
    });

    it('the old coupon, and an anchor that is a word', async () => {
      const { sandbox, stripe } = world;
      const { subscription } = await sandbox.subscriber({ price: (await sandbox.price({ amount: 1900 })).id });
      const update = (params: object): Promise<unknown> => stripe.subscriptions.update(subscription.id, params);
      expect(await refusalOf(update({ coupon: 'half' }))).toMatchObject({ param: 'coupon' });
      expect(await refusalOf(update({ billing_cycle_anchor: 'now' }))).toMatchObject({ param: 'billing_cycle_anchor' });
    });

    it('missing parameters and unknown ids', async () => {
      const { stripe } = world;
      expect(await refusalOf(stripe.products.create({} as never))).toMatchObject({
        code: 'parameter_missing',
        param: 'name',
      });
      expect(await refusalOf(stripe.subscriptions.retrieve('sub_none'))).toMatchObject({
        statusCode: 404,
        code: 'resource_missing',
      });
      expect(await refusalOf(stripe.checkout.sessions.create(checkout('price_none')))).toMatchObject({
        statusCode: 400,
        param: 'line_items[0][price]',
      });
    });

    it('a session that would be open too shortly or too long', async () => {
      const { id } = await world.sandbox.price({ amount: 1900 });
      const until = (date: string): Promise<unknown> =>
        world.stripe.checkout.sessions.create({ ...checkout(id), expires_at: seconds(date) });
      expect(await refusalOf(until('2026-01-31T10:29:59Z'))).toMatchObject({ param: 'expires_at' });
      expect(await refusalOf(until('2026-02-01T10:00:01Z'))).toMatchObject({ param: 'expires_at' });
      await until('2026-01-31T10:30:00Z');
    });

    it('a lookup key that is taken, unless it is to be taken over', async () => {
      const { sandbox, stripe } = world;
      const first = await sandbox.price({ amount: 1900, lookupKey: 'basic' });
      const second = { currency: 'usd', unit_amount: 2100, product: first.product, lookup_key: 'basic' };
      expect(await refusalOf(stripe.prices.create(second))).toMatchObject({ param: 'lookup_key' });
      const { id } = await stripe.prices.create({ ...second, transfer_lookup_key: true });
      const found = await stripe.prices.list({ lookup_keys: ['basic'] });
      expect(found.data.map((price) => price.id)).toEqual([id]);
    });

    it('a path it does not know', async () => {
      expect(await refusalOf(world.stripe.coupons.list())).toMatchObject({ statusCode: 404 });
    });
  });

  describe('lists', () => {
    it('by pages, forwards and backwards, the newest first', async () => {
      const { stripe } = world;
      for (const name of ['a', 'b', 'c', 'd', 'e']) await stripe.customers.create({ name });
      const names = (page: Stripe.ApiList<Stripe.Customer>): string =>
        `${page.data.map(({ name }) => name).join('')} ${page.has_more}`;
      const first = await stripe.customers.list({ limit: 2 });
      expect(names(first)).toBe('ed true');
      const second = await stripe.customers.list({ limit: 2, starting_after: first.data[1]!.id });
      expect(names(second)).toBe('cb true');
      expect(names(await stripe.customers.list({ starting_after: second.data[1]!.id }))).toBe('a false');
      expect(names(await stripe.customers.list({ limit: 1, ending_before: second.data[0]!.id }))).toBe('d true');
      const all: unknown[] = [];
      for await (const customer of stripe.customers.list({ limit: 2 })) all.push(customer.name);
      expect(all).toEqual(['e', 'd', 'c', 'b', 'a']);
    });

    it('subscriptions without the canceled ones, unless all are wanted', async () => {
      const { sandbox, stripe } = world;
      const price = await sandbox.price({ amount: 1900 });
      const { customer, subscription } = await sandbox.subscriber({ price: price.id });
      await stripe.subscriptions.cancel(subscription.id);
      expect((await stripe.subscriptions.list({ customer: customer.id })).data).toHaveLength(0);
      expect((await stripe.subscriptions.list({ customer: customer.id, status: 'all' })).data).toHaveLength(1);
      expect(await refusalOf(stripe.subscriptions.cancel(subscription.id))).toMatchObject({ statusCode: 404 });
    });
  });

  describe('expands', () => {
    it('what was asked for, and nothing else', async () => {
      const { sandbox, stripe } = world;
      const { subscription } = await sandbox.subscriber({ price: (await sandbox.price({ amount: 1900 })).id });
      const { data } = await stripe.subscriptions.list({
        expand: ['data.latest_invoice', 'data.default_payment_method', 'data.items.data.price.product'].slice(0, 2),
      });
      expect(data[0]!.latest_invoice).toMatchObject({ object: 'invoice', amount_paid: 1900 });
      expect(data[0]!.default_payment_method).toMatchObject({ card: { last4: '4242' } });
      expect(data[0]!.customer).toBe(subscription.customer);
    });

    it('four levels, and no word that is no id', async () => {
      const { sandbox, stripe } = world;
      const { subscription } = await sandbox.subscriber({ price: (await sandbox.price({ amount: 1900 })).id });
      const found = await stripe.subscriptions.retrieve(subscription.id, { expand: ['items.data.price.product'] });
      expect(found.items.data[0]!.price.product).toMatchObject({ object: 'product' });
      const expand = (path: string): Promise<unknown> =>
        stripe.subscriptions.retrieve(subscription.id, { expand: [path] });
      expect(await refusalOf(expand('status'))).toMatchObject({ statusCode: 400, param: 'expand' });
      expect(await refusalOf(expand('latest_invoice.lines.data.pricing.x'))).toMatchObject({ param: 'expand' });
    });
  });

  describe('repeats', () => {
    it('the first answer to a key', async () => {
      const { stripe, sandbox } = world;
      const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
      const second = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
      expect(second.id).toBe(first.id);
      expect(sandbox.customers).toHaveLength(1);
      expect(sandbox.requests.map(({ replayed }) => replayed)).toEqual([false, true]);
      expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    });

    it('an error of the server as well', async () => {
      const { stripe, sandbox } = world;
      sandbox.order({ answer: { kind: 'error-after' } });
      const create = (): Promise<unknown> => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
      expect(await refusalOf(create())).toMatchObject({ statusCode: 500 });
      expect(await refusalOf(create())).toMatchObject({ statusCode: 500 });
      expect(sandbox.customers).toHaveLength(1);
    });

    it('nothing of a request that was refused', async () => {
      const { stripe } = world;
      const create = (params: object): Promise<unknown> =>
        stripe.products.create(params as never, { idempotencyKey: 'one' });
      expect(await refusalOf(create({}))).toMatchObject({ statusCode: 400 });
      await create({ name: 'Basic' });
      expect(await refusalOf(create({ name: 'Other' }))).toMatchObject({
        statusCode: 400,
        type: 'StripeIdempotencyError',
      });
    });

    it('not while the first request is under way', async () => {
      const { stripe, sandbox } = world;
      sandbox.order({ answer: { kind: 'slow', delayMs: 600_000 } });
      const arrived = new Promise((resolve) => sandbox.onRequest(resolve));
      const create = (): Promise<unknown> => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
      const first = create().catch(() => 'never answered');
      await arrived;
      expect(await refusalOf(create())).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
      expect(sandbox.customers).toHaveLength(1);
      await sandbox.stop();
      expect(await first).toBe('never answered');
    });
  });

  it('gives the same ids for the same seed', async () => {
    const other = await opened();
    const [one, two] = await Promise.all([world, other].map(({ stripe }) => stripe.customers.create({ name: 'A' })));
    await other.sandbox.stop();
    expect(two!.id).toBe(one!.id);
    expect(two!.id).toMatch(/^cus_\w{14}$/);
  });

  it('tells the id of every request, and the key it came with', async () => {
    const { stripe, sandbox } = world;
    const { lastResponse } = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
    expect(lastResponse.requestId).toMatch(/^req_/);
    expect(sandbox.events[0]!.request).toEqual({ id: lastResponse.requestId, idempotency_key: 'one' });
    expect(sandbox.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/customers',
      params: { name: 'A' },
      idempotencyKey: 'one',
      version: '2026-10-28.endive',
      answeredStatus: 200,
    });
  });
});
