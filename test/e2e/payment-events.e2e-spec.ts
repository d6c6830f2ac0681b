import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Stripe from 'stripe';
import { ForgetPaymentEvents } from '../../src/modules/billing/application/forget-payment-events';
import { SyncCustomer } from '../../src/modules/billing/application/sync-customer';
import { migrationsFolder } from '../../src/shared/database/migrate';
import { PaidPlansWorld, STRIPE_KEY, type Subscriber, WEBHOOK_SECRET } from '../support/paid-plans-world';
import { paymentTools, type StripeEvent } from '../support/payment-tools';
import { send, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

let world: PaidPlansWorld;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.stripe.withdrawOrders());

const { buyer, planOf, limitsOf, lastEvent, subscriptionOf, reconcile, stored, post } = paymentTools(() => world);

describe('POST /v1/webhooks/stripe', () => {
  const refused = { status: 401, body: { code: 'webhooks.unauthenticated' } };

  it('answers an empty object once the event is kept, whatever becomes of it', async () => {
    const user = await world.signUp();
    await user.choose('basic');
    const event = { ...lastEvent(), id: 'evt_taken' };
    const answer = await post(event);
    expect(answer).toMatchObject({ status: 200, body: {} });
    expect(await stored('evt_taken')).toMatchObject({ type: event.type, api_version: event.api_version });
  });

  it.each<[string, Parameters<typeof post>[1], Parameters<typeof post>[2]]>([
    ['of another secret', { secret: 'whsec_of_somebody_else' }, undefined],
    ['of a week ago', { timestamp: Math.floor(Date.now() / 1_000) - 7 * 86_400 }, undefined],
    ['over another body', {}, (signed) => ({ ...signed, body: signed.body.replace('"object"', '"Object"') })],
    ['that is missing', {}, ({ body }) => ({ body, headers: { 'content-type': 'application/json' } })],
    ['that is nonsense', {}, ({ body, headers }) => ({ body, headers: { ...headers, 'stripe-signature': 'v1=x' } })],
  ])('refuses a signature %s', async (_, options, change) => {
    const event = { ...lastEvent(), id: `evt_refused_${Math.random()}` };
    expect(await post(event, options, change)).toMatchObject(refused);
    expect(await stored(event.id)).toBeUndefined();
  });

  it('takes an event of a week ago that is sent anew', async () => {
    const event = { ...lastEvent(), id: 'evt_of_last_week', created: Math.floor(Date.now() / 1_000) - 7 * 86_400 };
    expect((await post(event)).status).toBe(200);
  });

  it('takes the old secret and the new one while one replaces the other', async () => {
    const instance = await world.startInstance({ STRIPE_WEBHOOK_SECRET: `whsec_new_one,${WEBHOOK_SECRET}` });
    const url = `${instance.url}/v1/webhooks/stripe`;
    const statuses = ['whsec_new_one', WEBHOOK_SECRET, 'whsec_third_one'].map((secret, index) => {
      const signed = world.stripe.signed({ ...lastEvent(), id: `evt_rotated_${index}` }, { secret });
      return send(url, 'POST', signed);
    });
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([200, 200, 401]);
  });

  it('takes up to 5 MB', async () => {
    const sized = (megabytes: number) => ({
      body: (event: object) => ({ ...event, note: 'x'.repeat(megabytes * 2 ** 20) }),
    });
    expect((await post({ ...lastEvent(), id: 'evt_big' }, sized(4))).status).toBe(200);
    expect((await post({ ...lastEvent(), id: 'evt_too_big' }, sized(6))).status).toBe(413);
  });

  it('keeps an event once, however often it comes', async () => {
    const event = { ...lastEvent(), id: 'evt_again_and_again' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(event)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await world.database.query(`select 1 from stripe_events where id = 'evt_again_and_again'`)).toHaveLength(1);
    await world.settled();
  });

  it.each<[string, (event: StripeEvent) => object]>([
    ['of an unknown type', (event) => ({ ...event, type: 'customer.subscription.hibernated' })],
    ['of another version of the API', (event) => ({ ...event, api_version: '2027-03-25.foxglove' })],
    [
      'without an id on its object',
      (event) => ({ ...event, type: 'invoice.upcoming', data: { object: { object: 'invoice' } } }),
    ],
    ['without an object', (event) => ({ ...event, data: {} })],
    [
      'about nobody',
      (event) => ({ ...event, type: 'price.created', data: { object: { id: 'price_1', object: 'price' } } }),
    ],
    [
      'that is thin',
      () => ({ object: 'v2.core.event', type: 'v1.billing.meter.no_meter_found', created: '2026-11-22T09:00:00.000Z' }),
    ],
    ['with what no database stores', (event) => ({ ...event, note: 'a\u0000b\ud800c' })],
  ])('keeps an event %s and never fails on it', async (name, change) => {
    const id = `evt_${name.replaceAll(' ', '_')}`;
    const answer = await post(lastEvent(), { body: () => ({ ...change(lastEvent()), id }) });
    expect(answer).toMatchObject({ status: 200, body: {} });
    await world.settled();
    expect(await stored(id)).toMatchObject({ status: 'processed', last_error: null });
  });

  it('believes nobody where Stripe is not configured', async () => {
    const local = await startService();
    try {
      const answer = await send(`${local.url}/v1/webhooks/stripe`, 'POST', world.stripe.signed(lastEvent()));
      expect(answer).toMatchObject(refused);
    } finally {
      await local.stop();
    }
  });
});

describe('what is kept of an event', () => {
  interface Row extends Record<string, unknown> {
    readonly id: string;
    readonly payload: unknown;
  }
  const rows = () =>
    world.database.query<Row>(`select id, payload from stripe_events where id like 'evt_%' order by id`);

  it('holds no address, no page and no secret', async () => {
    await buyer();
    const kept = JSON.stringify(await rows());
    expect(kept).toContain('checkout.session');
    expect(kept).not.toMatch(/secret|@|https?:/);
  });

  it('is as little of one that came before an update', async () => {
    await buyer();
    await world.database.query('delete from stripe_events');
    const odd = [
      { id: 'evt_odd_1', data: { object: ['?'], previous_attributes: 7 }, livemode: 'no' },
      { id: 'evt_odd_2', related_object: { type: 'customer', id: 'cus_of_nobody', url: '/v1/customers/1' } },
      { id: 'evt_odd_3', data: null },
    ];
    const events: readonly { readonly id: string }[] = [...world.stripe.events, ...odd];
    for (const event of events) await post(lastEvent(), { body: () => event });
    await world.settled();
    const narrow = await rows();
    expect(narrow.length).toBe(events.length);
    for (const event of events) {
      const whole = JSON.stringify(event);
      await world.database.query('update stripe_events set payload = $2::jsonb where id = $1', [event.id, whole]);
    }
    const migration = readFileSync(join(migrationsFolder(), '0010_narrow_stripe_events.sql'), 'utf8');
    const statement = migration.split('--> statement-breakpoint').at(-1) ?? '';
    await world.database.query(statement);
    expect(await rows()).toEqual(narrow);
    await world.database.query(statement);
    expect(await rows()).toEqual(narrow);
  });

  it('goes when it has been kept long enough, however much that is, unless it still waits', async () => {
    const insert = (prefix: string, status: string, ageDays: number, count: number) =>
      world.database.query(
        `insert into stripe_events (id, type, created, payload, status, received_at, processed_at, next_attempt_at)
         select $1 || number, 'invoice.paid', now(), '{}', $2::text, now() - $3::interval,
                case when $2::text = 'processed' then now() - $3::interval end, now() + interval '1 day'
         from generate_series(1, $4::integer) number`,
        [prefix, status, `${String(ageDays)} days`, count],
      );
    await insert('evt_old_', 'processed', 31, 2_500);
    await insert('evt_newer_', 'processed', 29, 2);
    await insert('evt_waiting_', 'failed', 400, 1);
    const forget = world.service.app.get(ForgetPaymentEvents, { strict: false });
    await Promise.all([forget.execute(), forget.execute()]);
    const left = await world.database.query<{ id: string }>(
      `select id from stripe_events where id ~ '^evt_(old|newer|waiting)_' order by id`,
    );
    expect(left.map(({ id }) => id)).toEqual(['evt_newer_1', 'evt_newer_2', 'evt_waiting_1']);
    await world.database.query(`delete from stripe_events where id ~ '^evt_(old|newer|waiting)_'`);
  });
});

describe('while Stripe is down', () => {
  const goDown = () => world.stripe.order({ answer: { kind: 'error', status: 503 }, times: 'always' });

  it('nothing can be bought, and that is said', async () => {
    const user = await world.signUp();
    goDown();
    const answer = await user.choose('basic');
    expect(answer).toMatchObject({ status: 503, body: { code: 'billing.payments_unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    world.stripe.withdrawOrders();
    expect((await user.choose('basic')).status).toBe(200);
  });

  it('the free plan can be had all the same', async () => {
    const user = await world.signUp();
    goDown();
    expect((await user.choose('free')).status).toBe(201);
    expect((await user.post('/v1/subscription/cancel')).status).toBe(200);
  });

  it('events wait, and are worked off afterwards', async () => {
    const user = await world.signUp();
    const { checkoutUrl } = (await user.choose('basic')).body as { checkoutUrl: string };
    goDown();
    await world.stripe.act.payCheckout({ session: checkoutUrl });
    await waitFor(
      async () => (await world.database.query(`select 1 from stripe_events where status = 'failed'`)).length > 0,
      'an event has been tried in vain',
    );
    expect(await planOf(user)).toBeUndefined();
    const [failed] = await world.database.query(`select last_error from stripe_events where status = 'failed'`);
    expect(failed?.['last_error']).toMatch(/^The payment side cannot be reached/);
    world.stripe.withdrawOrders();
    await world.settled();
    expect(await planOf(user)).toBe('basic');
  });
});

describe('an event that somebody has left behind', () => {
  beforeEach(() => world.stripe.setWebhook(undefined));
  afterEach(() => world.stripe.setWebhook({ url: `${world.service.url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET }));

  async function leave(attempts: number, wait = '0'): Promise<Subscriber> {
    const user = await world.signUp();
    const { checkoutUrl } = (await user.choose('basic')).body as { checkoutUrl: string };
    await world.stripe.act.payCheckout({ session: checkoutUrl });
    await world.database.query(
      `insert into stripe_events (id, type, created, payload, customer_id, attempts, next_attempt_at)
       values ($1, 'customer.subscription.created', now(), '{}', $2, $3, clock_timestamp() + $4::interval)`,
      [`evt_left_${Math.random()}`, await user.customerId(), attempts, wait],
    );
    return user;
  }

  it('before anybody looked at it is worked off by whoever looks next', async () => {
    const user = await leave(0);
    expect(await planOf(user)).toBeUndefined();
    await world.settled();
    expect(await planOf(user)).toBe('basic');
  });

  it('in the middle of it is worked off when its lease is over', async () => {
    const user = await leave(1, '1 hour');
    expect(await planOf(user)).toBeUndefined();
    await world.database.query(`update stripe_events set next_attempt_at = now() where status <> 'processed'`);
    await world.settled();
    expect(await planOf(user)).toBe('basic');
  });
});

describe('a slow answer', () => {
  const slowly = () =>
    world.stripe.order({
      answer: { kind: 'slow', delayMs: 1_500 },
      times: 1,
      method: 'GET',
      path: '/v1/subscriptions',
    });
  const isToEnd = async (user: Subscriber): Promise<unknown> =>
    ((await user.get('/v1/subscription')).body as { cancelAtPeriodEnd: boolean }).cancelAtPeriodEnd;

  it('changes nothing when a later question was answered before', async () => {
    const user = await buyer();
    const customer = await user.customerId();
    const sync = world.service.app.get(SyncCustomer, { strict: false });
    slowly();
    const asked = world.stripe.requests.length;
    const slow = sync.execute(customer);
    await waitFor(() => world.stripe.requests.length > asked, 'the slow question has come');
    world.stripe.hold();
    await world.stripe.act.portalCancel({ customer });
    await sync.execute(customer);
    expect(await isToEnd(user)).toBe(true);
    await slow;
    expect(await isToEnd(user)).toBe(true);
    world.stripe.release();
    await world.settled();
  });

  it('does not stand for what came in after the question', async () => {
    const user = await buyer();
    const customer = await user.customerId();
    slowly();
    const asked = world.stripe.requests.length;
    await world.stripe.act.portalUpdatePaymentMethod({ customer });
    await waitFor(() => world.stripe.requests.length > asked, 'the slow question has come');
    await world.stripe.act.portalCancel({ customer });
    await world.settled();
    expect(await isToEnd(user)).toBe(true);
  });
});

describe('what nobody has told', () => {
  beforeEach(() => world.stripe.setWebhook(undefined));
  afterEach(() => world.stripe.setWebhook({ url: `${world.service.url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET }));

  it('is found by comparing: what was bought, changed and ended', async () => {
    const [bought, canceled, ended] = await Promise.all([world.signUp(), buyer(), buyer()]);
    const { checkoutUrl } = (await bought.choose('business')).body as { checkoutUrl: string };
    await world.stripe.act.payCheckout({ session: checkoutUrl });
    for (const user of [canceled, ended]) await reconcileUntil(user, 'basic');
    await world.stripe.act.portalCancel({ customer: await canceled.customerId() });
    await world.stripe.act.dashboardCancelNow({ subscription: await subscriptionOf(ended) });
    await reconcile();
    expect(await planOf(bought)).toBe('business');
    expect((await canceled.get('/v1/subscription')).body).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
    expect(await planOf(ended)).toBeUndefined();
    expect(await world.profileStatus(ended)).toBe('inactive');
  });

  it('is found although another customer cannot be read', async () => {
    const [unreadable, bought] = await Promise.all([world.signUp(), world.signUp()]);
    const customer = await triedOutByHand(unreadable);
    const { checkoutUrl } = (await bought.choose('business')).body as { checkoutUrl: string };
    await world.stripe.act.payCheckout({ session: checkoutUrl });
    const path = `/v1/customers/${customer}`;
    world.stripe.order({ answer: { kind: 'error', status: 400 }, method: 'GET', path, times: 'always' });
    await reconcile();
    expect([await planOf(bought), await planOf(unreadable)]).toEqual(['business', undefined]);
    world.stripe.withdrawOrders();
    await reconcile();
    expect(await planOf(unreadable)).toBe('basic');
  });

  it('is put back: a cancellation that a change had taken back whose process died half way', async () => {
    const user = await buyer('business');
    await user.post('/v1/subscription/cancel');
    const [subscription, customer] = [await subscriptionOf(user), await user.customerId()];
    world.stripe.hold();
    const { hostname: host, port } = new URL(world.stripe.url);
    const client = new Stripe(STRIPE_KEY, { host, port, protocol: 'http', telemetry: false });
    const anHourAgo = Math.floor(Date.now() / 1_000) - 3_600;
    const metadata = { free_follows: '', taken_back: `${String(anHourAgo)}#period#true` };
    await client.subscriptions.update(subscription, { cancel_at_period_end: false, metadata });
    await world.database.query(
      `insert into billing_changes (user_id, holder, held_until, kind, payment_id, wanted_plan_id, created_at)
       select $1, 'somebody who died', at, 'downgrade', $2, $3, at from (select now() - interval '1 hour' as at) ago`,
      [user.userId, subscription, world.planId('basic')],
    );
    await reconcile();
    expect(world.stripe.liveSubscriptionsOf(customer)[0]).toMatchObject({
      cancel_at_period_end: true,
      metadata: { free_follows: 'true' },
    });
    await reconcile();
    expect((await user.get('/v1/subscription')).body).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
    world.stripe.release();
  });

  /** Without a payment method of its own, so its customer is asked for. */
  async function triedOutByHand({ userId }: Subscriber): Promise<string> {
    const { hostname: host, port } = new URL(world.stripe.url);
    const client = new Stripe(STRIPE_KEY, { host, port, protocol: 'http', telemetry: false });
    const { id: customer } = await client.customers.create({});
    const items = [{ price: await priceOf('basic') }];
    await client.subscriptions.create({ customer, items, trial_period_days: 7, metadata: { user_id: userId } });
    return customer;
  }

  async function reconcileUntil(user: Subscriber, plan: string): Promise<void> {
    await reconcile();
    expect(await planOf(user)).toBe(plan);
  }
});

describe('a subscription', () => {
  it('that is paused grants the free limits until it goes on', async () => {
    const user = await buyer();
    const subscription = await subscriptionOf(user);
    await world.stripe.act.dashboardPause({ subscription });
    await world.settled();
    expect(await limitsOf(user)).toMatchObject({ callsLimit: 50 });
    expect(await world.profileStatus(user)).toBe('active');
    await world.stripe.act.dashboardResume({ subscription });
    await world.settled();
    expect(await limitsOf(user)).toMatchObject({ callsLimit: 500 });
  });

  it.each(['portalCancel', 'dashboardCancelAtPeriodEnd'] as const)('that %s ends is to end', async (act) => {
    const user = await buyer();
    const customer = await user.customerId();
    if (act === 'portalCancel') await world.stripe.act.portalCancel({ customer });
    else await world.stripe.act.dashboardCancelAtPeriodEnd({ subscription: await subscriptionOf(user) });
    await world.settled();
    expect((await user.get('/v1/subscription')).body).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
  });

  it('whose first payment is on its way grants nothing before it is in', async () => {
    const user = await world.signUp();
    await user.choose('free');
    const { checkoutUrl } = (await user.choose('basic')).body as { checkoutUrl: string };
    const session = await world.stripe.act.payCheckout({ session: checkoutUrl, later: true });
    await world.settled();
    const before = await planOf(user);
    await world.stripe.act.settleCheckout({ session: session.id, succeeds: true });
    await world.settled();
    expect([before, await planOf(user)]).toEqual(['free', 'basic']);
  });

  it('that the card declines at the checkout is none', async () => {
    const user = await world.signUp();
    await user.choose('free');
    const { checkoutUrl } = (await user.choose('basic')).body as { checkoutUrl: string };
    await world.stripe.act.payCheckout({ session: checkoutUrl, card: 'declines' });
    await world.settled();
    expect(await planOf(user)).toBe('free');
  });

  it('is not upgraded while the card declines, and is when the invoice is paid', async () => {
    const user = await buyer();
    const customer = await user.customerId();
    await world.stripe.act.setCard({ customer, card: 'declines' });
    expect(await user.choose('business')).toMatchObject({ status: 402, body: { code: 'billing.payment_required' } });
    await world.settled();
    expect(await limitsOf(user)).toMatchObject({ callsLimit: 500 });
    const invoice = world.stripe.invoices.find(
      (candidate) => candidate.customer === customer && candidate.status === 'open',
    );
    await world.stripe.act.setCard({ customer, card: 'works' });
    await world.stripe.act.payInvoice({ invoice: invoice?.id ?? '' });
    await world.settled();
    expect(await limitsOf(user)).toMatchObject({ callsLimit: 2_500 });
  });
});

describe('POST /v1/subscription/portal', () => {
  it('leads to a page of Stripe’s', async () => {
    const user = await buyer();
    const answer = await user.post('/v1/subscription/portal', { returnUrl: 'https://example.com/account' });
    expect(answer).toMatchObject({ status: 200, body: { url: expect.stringContaining(world.stripe.url) as string } });
  });

  it('is for customers only', async () => {
    const user = await world.signUp();
    const answer = await user.post('/v1/subscription/portal', { returnUrl: 'https://example.com/account' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'billing.no_subscription' } });
  });
});

async function priceOf(slug: string): Promise<string> {
  const [plan] = await world.database.query<{ id: string }>(
    `select stripe_price_id as id from subscription_plans where slug = $1 and interval = 'monthly'`,
    [slug],
  );
  return plan?.id ?? '';
}
