import { type Opened, opened, refusalOf } from './opened.fixtures';

describe("What goes wrong with Stripe's stand-in when it is told to", () => {
  let world: Opened;
  beforeEach(async () => (world = await opened()));
  afterEach(() => world.sandbox.stop());

  it.each([500, 503, 429])('answers %i, and does nothing', async (status) => {
    const { sandbox, stripe } = world;
    sandbox.order({ answer: { kind: 'error', status } });
    expect(await refusalOf(stripe.customers.create())).toMatchObject({ statusCode: status });
    expect(sandbox.customers).toHaveLength(0);
    await stripe.customers.create();
  });

  it('only to the requests that are meant, so many times', async () => {
    const { sandbox, stripe } = world;
    sandbox.order({ answer: { kind: 'error', status: 503 }, times: 2, method: 'POST', path: '^/v1/customers/' });
    const { id } = await stripe.customers.create();
    expect(await refusalOf(stripe.customers.update(id, { name: 'A' }))).toMatchObject({ statusCode: 503 });
    expect(await refusalOf(stripe.customers.update(id, { name: 'A' }))).toMatchObject({ statusCode: 503 });
    await stripe.customers.update(id, { name: 'A' });
  });

  it('cuts the connection, which the library tries once more', async () => {
    const { sandbox, stripe } = world;
    sandbox.order({ answer: { kind: 'cut' }, times: 2 });
    expect(await refusalOf(stripe.customers.create())).toMatchObject({ type: 'StripeConnectionError' });
    expect(sandbox.customers).toHaveLength(0);
    expect(sandbox.requests.map(({ answeredStatus }) => answeredStatus)).toEqual([undefined, undefined]);
  });

  it('loses the answer to what it did; the same key finds it again', async () => {
    const { sandbox, stripe } = world;
    sandbox.order({ answer: { kind: 'lost-answer' }, times: 2 });
    const create = (): Promise<{ id: string }> => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'one' });
    expect(await refusalOf(create())).toMatchObject({ type: 'StripeConnectionError' });
    expect(sandbox.customers).toHaveLength(1);
    expect((await create()).id).toBe(sandbox.customers[0]!.id);
  });

  it('takes orders back', async () => {
    const { sandbox, stripe } = world;
    sandbox.order({ answer: { kind: 'error', status: 500 }, times: 'always' });
    sandbox.withdrawOrders();
    await stripe.customers.create();
  });

  it('goes down and comes back, and knows what it knew', async () => {
    const { sandbox, stripe } = world;
    const { id } = await stripe.customers.create();
    await sandbox.goDown();
    expect(await refusalOf(stripe.customers.retrieve(id))).toMatchObject({ type: 'StripeConnectionError' });
    await sandbox.comeBack();
    expect((await stripe.customers.retrieve(id)).id).toBe(id);
  });

  describe('over HTTP', () => {
    const control = async (path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
      const response = await fetch(`${world.sandbox.url}/sandbox/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    };

    it('is ordered, moves the clock, lets people act and tells of it', async () => {
      const { sandbox, stripe } = world;
      await control('faults', { answer: { kind: 'error', status: 503 } });
      expect(await refusalOf(stripe.customers.create())).toMatchObject({ statusCode: 503 });
      const { customer } = await sandbox.subscriber({ price: (await sandbox.price({ amount: 1900 })).id });
      expect(await control('clock', { days: 1 })).toMatchObject({ body: { now: '2026-02-01T10:00:00.000Z' } });
      expect(await control('clock', { to: '2026-02-02T00:00:00Z' })).toMatchObject({ status: 200 });
      expect(await control('act/portalCancel', { customer: customer.id })).toMatchObject({
        body: { cancel_at_period_end: false, cancel_at: expect.any(Number) },
      });
      expect(await control('state')).toMatchObject({ body: { customers: 1, subscriptions: 1 } });
      expect(await control('act/portalCancel', { customer: 'cus_none' })).toMatchObject({ status: 400 });
      expect(await control('act/constructor', {})).toMatchObject({ status: 404 });
      expect(await control('nothing')).toMatchObject({ status: 404 });
      await control('reset', {});
      expect(await control('state')).toMatchObject({ body: { customers: 0, events: 0 } });
    });
  });
});
