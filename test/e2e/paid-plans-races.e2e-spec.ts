import { PaymentGateway } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { PaymentsUnavailable } from '../../src/modules/billing/domain/billing.errors';
import { IdempotencyKeys } from '../../src/shared/http/idempotency-keys.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import type { Answer, Service } from '../support/service';
import { waitFor } from '../support/wait-for';

let world: PaidPlansWorld;
let other: Service;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
  other = await world.startInstance();
});
afterAll(() => world.stop());

const urlOf = ({ body }: Answer): string | undefined => (body as { checkoutUrl?: string }).checkoutUrl;
const planOf = async (user: Subscriber): Promise<unknown> =>
  ((await user.get('/v1/subscription')).body as { plan?: { slug: string } }).plan?.slug;
const customersOf = ({ userId }: Subscriber) =>
  world.stripe.customers.filter(({ metadata }) => metadata['user_id'] === userId);
const openSessionsOf = async (user: Subscriber) => {
  const customer = await user.customerId();
  return world.stripe.sessions.filter((session) => session.customer === customer && session.status === 'open');
};
const paidInvoicesOf = (customer: string) =>
  world.stripe.invoices.filter((invoice) => invoice.customer === customer && invoice.amount_paid > 0);

async function liveRows({ userId }: Subscriber): Promise<number> {
  const rows = await world.database.query(
    `select 1 from user_subscriptions where user_id = $1 and status <> 'canceled'`,
    [userId],
  );
  return rows.length;
}

describe('a double click on a plan', () => {
  it('makes one customer and one page, on however many instances', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    const clicks = [here, there, here, there, here, there].map((user) => user.choose('basic'));
    const answers = await Promise.all(clicks);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(new Set(answers.map(urlOf)).size).toBe(1);
    expect(customersOf(here)).toHaveLength(1);
    expect(await openSessionsOf(here)).toHaveLength(1);
  });

  it('leads to the same page again a moment later, and to another one with another way back', async () => {
    const user = await world.signUp();
    const first = urlOf(await user.choose('basic'));
    expect(urlOf(await user.choose('basic'))).toBe(first);
    const elsewhere = { planId: world.planId('basic'), successUrl: 'https://example.com/thanks' };
    const second = urlOf(await user.post('/v1/subscription', elsewhere));
    expect(second).not.toBe(first);
    expect((await openSessionsOf(user)).map(({ url }) => url)).toEqual([second]);
  });

  it('leads to a new page when something has come of the first', async () => {
    const user = await world.signUp();
    const first = urlOf(await user.choose('basic'));
    await world.stripe.act.payCheckout({ session: first ?? '' });
    await world.settled();
    const [bought] = world.stripe.liveSubscriptionsOf(await user.customerId());
    await world.stripe.act.dashboardCancelNow({ subscription: bought?.id ?? '' });
    await world.settled();
    const second = urlOf(await user.choose('basic'));
    expect(second).not.toBe(first);
    await world.stripe.act.payCheckout({ session: second ?? '' });
    await world.settled();
    expect(await planOf(user)).toBe('basic');
  });

  it('on a better plan charges once', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    await world.buy(here, 'basic');
    const customer = await here.customerId();
    const before = paidInvoicesOf(customer).length;
    const answers = await Promise.all([here.choose('business'), there.choose('business'), here.choose('business')]);
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ status: 409, code: 'billing.change_in_progress' });
    }
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    await world.settled();
    expect(await planOf(here)).toBe('business');
    expect(paidInvoicesOf(customer)).toHaveLength(before + 1);
  });
});

describe('two tabs with different plans', () => {
  it('leave one page open, that of an answer', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    const answers = await Promise.all([here.choose('basic'), there.choose('business')]);
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ status: 409, code: 'billing.checkout_superseded' });
    }
    const open = await openSessionsOf(here);
    expect(open).toHaveLength(1);
    expect(answers.map(urlOf)).toContain(open[0]?.url);
    expect(customersOf(here)).toHaveLength(1);
  });

  it('one after the other leave only the last one open', async () => {
    const user = await world.signUp();
    const first = urlOf(await user.choose('basic'));
    const second = urlOf(await user.choose('business'));
    expect((await openSessionsOf(user)).map(({ url }) => url)).toEqual([second]);
    await expect(world.stripe.act.payCheckout({ session: first ?? '' })).rejects.toThrow();
  });

  it('paid in one and chosen in the other before anybody has told us: changed, not bought twice', async () => {
    const user = await world.signUp();
    const page = urlOf(await user.choose('basic'));
    world.stripe.hold();
    await world.stripe.act.payCheckout({ session: page ?? '' });
    expect(await planOf(user)).toBeUndefined();
    const answer = await user.choose('business');
    expect(answer).toMatchObject({ status: 200, body: { plan: { slug: 'business' } } });
    world.stripe.release();
    await world.settled();
    expect(world.stripe.liveSubscriptionsOf(await user.customerId())).toHaveLength(1);
  });
});

describe('a page whose opening takes too long', () => {
  afterEach(() => jest.restoreAllMocks());

  const gatewayOf = ({ app }: Service) => app.get(PaymentGateway, { strict: false });
  /** The first page that the instance opens from now on is open at Stripe, and the instance does not hear of it. */
  const holdAnswer = (service: Service) => {
    const gateway = gatewayOf(service);
    const open = gateway.openCheckout.bind(gateway);
    let release: () => void = () => undefined;
    let arrive: () => void = () => undefined;
    const passage = new Promise<void>((resolve) => (release = resolve));
    const isOpen = new Promise<void>((resolve) => (arrive = resolve));
    jest.spyOn(gateway, 'openCheckout').mockImplementationOnce(async (request) => {
      const checkout = await open(request);
      arrive();
      await passage;
      return checkout;
    });
    return { isOpen, release };
  };
  const letTimePass = ({ userId }: Subscriber) =>
    world.database.query(
      `update billing_checkouts set created_at = created_at - interval '1 hour' where user_id = $1`,
      [userId],
    );

  it('gives way to that of another wish, and closes none but itself', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    const held = holdAnswer(world.service);
    const slow = here.choose('basic');
    await held.isOpen;
    await letTimePass(here);
    const page = urlOf(await there.choose('business'));
    held.release();
    expect(await slow).toMatchObject({ status: 409, body: { code: 'billing.checkout_superseded' } });
    expect((await openSessionsOf(here)).map(({ url }) => url)).toEqual([page]);
    expect(urlOf(await here.choose('business'))).toBe(page);
  });

  it('stays although another request with the same wish has failed', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    const held = holdAnswer(world.service);
    const slow = here.choose('basic');
    await held.isOpen;
    jest.spyOn(gatewayOf(other), 'openCheckout').mockRejectedValueOnce(new PaymentsUnavailable());
    expect((await there.choose('basic')).status).toBe(503);
    held.release();
    const page = urlOf(await slow);
    expect(page).toEqual(expect.any(String));
    expect((await openSessionsOf(here)).map(({ url }) => url)).toEqual([page]);
    expect(urlOf(await there.choose('basic'))).toBe(page);
  });

  it('leads to the page that another request with the same wish has opened', async () => {
    const here = await world.signUp();
    const there = await world.subscriber(here.userId, other);
    const held = holdAnswer(world.service);
    const slow = here.choose('basic');
    await held.isOpen;
    const page = urlOf(await there.choose('basic'));
    held.release();
    expect(urlOf(await slow)).toBe(page);
    expect((await openSessionsOf(here)).map(({ url }) => url)).toEqual([page]);
  });
});

describe('two subscriptions of one user', () => {
  it('become one: the surplus one is ended and credited, and a person is told', async () => {
    const user = await world.signUp();
    await world.buy(user, 'basic');
    const customer = await user.customerId();
    const [kept] = world.stripe.liveSubscriptionsOf(customer);
    const price = kept?.items.data[0]?.price.id ?? '';
    await world.pass({ days: 1 });
    await world.stripe.act.dashboardAddSubscription({ customer, price });
    await world.settled();
    expect(world.stripe.liveSubscriptionsOf(customer).map(({ id }) => id)).toEqual([kept?.id]);
    expect(await liveRows(user)).toBe(1);
    expect(await planOf(user)).toBe('basic');
    const surplus = world.stripe.subscriptions.find(({ customer: of, id }) => of === customer && id !== kept?.id);
    expect(surplus?.status).toBe('canceled');
    const credited = world.stripe.invoices.some((invoice) => invoice.customer === customer && invoice.total < 0);
    const balance = world.stripe.customers.find(({ id }) => id === customer)?.balance ?? 0;
    expect(credited || balance < 0).toBe(true);
  });

  it('become one when the pages of two tabs were both paid, since closing the first had failed', async () => {
    const user = await world.signUp();
    const first = urlOf(await user.choose('basic'));
    world.stripe.order({
      answer: { kind: 'error', status: 503 },
      times: 'always',
      path: '^/v1/checkout/sessions/.*/expire',
    });
    expect((await user.choose('business')).status).toBe(503);
    world.stripe.withdrawOrders();
    const second = (await openSessionsOf(user)).map(({ url }) => url).find((url) => url !== first);
    await world.stripe.act.payCheckout({ session: first ?? '' });
    await world.pass({ days: 0.1 });
    await world.stripe.act.payCheckout({ session: second ?? '' });
    await world.settled();
    expect(world.stripe.liveSubscriptionsOf(await user.customerId())).toHaveLength(1);
    expect(await planOf(user)).toBe('basic');
  });

  it('become one although the process died before it could end the surplus one', async () => {
    const user = await world.signUp();
    await world.buy(user, 'basic');
    const customer = await user.customerId();
    const price = world.stripe.liveSubscriptionsOf(customer)[0]?.items.data[0]?.price.id ?? '';
    world.stripe.order({ answer: { kind: 'error', status: 503 }, times: 'always', method: 'DELETE' });
    await world.stripe.act.dashboardAddSubscription({ customer, price });
    await world.stripe.settled();
    expect(await liveRows(user)).toBe(1);
    world.stripe.withdrawOrders();
    await world.settled();
    expect(world.stripe.liveSubscriptionsOf(customer)).toHaveLength(1);
  });
});

describe('while Stripe is slow', () => {
  it('holds no connection of the database', async () => {
    const users = await Promise.all(Array.from({ length: 25 }, () => world.signUp()));
    world.stripe.order({ answer: { kind: 'slow', delayMs: 1_500 }, times: 'always', method: 'POST' });
    const clicks = users.map((user) => user.choose('basic'));
    const [witness] = users;
    const seen: number[] = [];
    for (let look = 0; look < 10; look += 1) {
      seen.push((await witness!.get('/v1/subscription')).status);
      expect(await longTransactions()).toBe(0);
    }
    expect(new Set(seen)).toEqual(new Set([404]));
    const answers = await Promise.all(clicks);
    world.stripe.withdrawOrders();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('holds none for requests with an Idempotency-Key either', async () => {
    const users = await Promise.all(Array.from({ length: 25 }, () => world.signUp()));
    world.stripe.order({ answer: { kind: 'slow', delayMs: 1_500 }, times: 'always', method: 'POST' });
    const clicks = users.map((user) => user.choose('basic', { 'idempotency-key': 'one click' }));
    const [user] = users;
    await waitFor(() => world.stripe.requestsTo('POST', '/v1/customers').length > 0, 'Stripe is asked');
    expect((await user!.get('/v1/subscription')).status).toBe(404);
    expect(await longTransactions()).toBe(0);
    expect(await user!.choose('basic', { 'idempotency-key': 'one click' })).toMatchObject({
      status: 409,
      body: { code: 'request.in_progress' },
    });
    const answers = await Promise.all(clicks);
    world.stripe.withdrawOrders();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const again = await user!.choose('basic', { 'idempotency-key': 'one click' });
    expect([urlOf(again), again.headers.get('idempotent-replayed')]).toEqual([urlOf(answers[0]!), 'true']);
    const another = await user!.choose('business', { 'idempotency-key': 'one click' });
    expect(another).toMatchObject({ status: 409, body: { code: 'request.idempotency_conflict' } });
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'k' };
  // From when it was made: the test's own connection may tell another time than the service's, which was moved ahead.
  const abandon = (userId: string, age: string) =>
    world.database.query(
      `update idempotency_keys set status = 102, response = '"a run that died"', created_at = created_at - $2::interval where subject = $1`,
      [userId, age],
    );

  it('does not keep a failure', async () => {
    const user = await world.signUp();
    world.stripe.order({ answer: { kind: 'error', status: 503 }, times: 'always' });
    expect((await user.choose('basic', key)).status).toBe(503);
    world.stripe.withdrawOrders();
    expect((await user.choose('basic', key)).status).toBe(200);
  });

  it('keeps the answer of a repetition although the slow first request fails after it', async () => {
    const user = await world.signUp();
    const page = urlOf(await user.choose('basic', key));
    const { app } = world.service;
    const keys = app.get(IdempotencyKeys, { strict: false });
    await app
      .get(UnitOfWork, { strict: false })
      .run(() => keys.forget({ subject: user.userId, key: 'k' }, 'the slow first one'));
    const again = await user.choose('basic', key);
    expect([urlOf(again), again.headers.get('idempotent-replayed')]).toEqual([page, 'true']);
  });

  it('whose process died is free again after a while', async () => {
    const user = await world.signUp();
    const page = urlOf(await user.choose('basic', key));
    await abandon(user.userId, '10 seconds');
    expect(await user.choose('basic', key)).toMatchObject({ status: 409, body: { code: 'request.in_progress' } });
    await abandon(user.userId, '10 minutes');
    expect(urlOf(await user.choose('basic', key))).toBe(page);
  });
});

/** Transactions that nobody has done anything in for a while. */
async function longTransactions(): Promise<number> {
  const [idle] = await world.database.query<{ count: number }>(
    `select count(*)::integer as count from pg_stat_activity
     where datname = current_database() and state = 'idle in transaction'
       and state_change < pg_catalog.clock_timestamp() - interval '700 milliseconds'`,
  );
  return idle?.count ?? -1;
}
