import Stripe from 'stripe';
import { startStripeSandbox, type StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { STRIPE_OPERATIONS, operationOf } from '../support/stripe-operations';
import { stripeEventTypeFaults, type StripeExchange, stripeTypeFaults } from '../support/stripe-types';

/** A deadline for what hangs: compiling the library's types takes its time on a busy machine. */
const COMPILING_MS = 240_000;

/** What goes over the wire, and can be spoiled. */
type Editable = Omit<StripeExchange, 'rawBody' | 'body'> & { rawBody: string; body: Record<string, unknown> };
type Spoil = (exchange: Editable) => void;

const plus =
  (more: string): Spoil =>
  (exchange) => {
    exchange.rawBody += more;
  };
const withAnswer =
  (more: Record<string, unknown>): Spoil =>
  (exchange) => {
    Object.assign(exchange.body, more);
  };

const WRONG: readonly (readonly [what: string, path: string, spoil: Spoil, expected: RegExp])[] = [
  [
    'current_period_end on the subscription',
    '/v1/subscriptions/',
    withAnswer({ current_period_end: 1 }),
    /current_period_end/,
  ],
  ['a subscription without its items', '/v1/subscriptions/', (one) => delete one.body.items, /items/],
  ['a price in words', '/v1/prices', withAnswer({ unit_amount_decimal: 'a lot' }), /Decimal/],
  ['a status nobody knows', '/v1/subscriptions/', withAnswer({ status: 'asleep' }), /asleep/],
  ['the old ui_mode', '/v1/checkout/sessions', plus('&ui_mode=hosted'), /ui_mode is "hosted"/],
  ['payment_method_types', '/v1/checkout/sessions', plus('&payment_method_types[0]=card'), /payment_method_types/],
  ['coupon', '/v1/subscriptions/', plus('&coupon=half'), /coupon/],
  ['an anchor as a word', '/v1/subscriptions/', plus('&billing_cycle_anchor=now'), /BillingCycleAnchor/],
  ['a quantity in words', '/v1/checkout/sessions', plus('&line_items[0][quantity]=many'), /number/],
];

/**
 * The stand-in against the types of the installed library: a whole life is led through the official client, and all
 * that went over the wire is compiled. So the stand-in cannot drift from the API version that the library is made for.
 */
describe('What the stand-in for Stripe and the library say to each other', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;

  beforeAll(async () => {
    sandbox = await startStripeSandbox({
      apiKey: 'sk_test_wire',
      now: new Date('2026-01-31T10:00:00Z'),
      deliver: 'held',
      webhook: { url: 'http://127.0.0.1:9/none', secret: 'whsec_wire' },
    });
    stripe = new Stripe(sandbox.apiKey, { ...sandbox.clientOptions, maxNetworkRetries: 0 });
    await leadALife(sandbox, stripe);
  });

  afterAll(() => sandbox.stop());

  it(
    'is of the published types, both ways',
    () => {
      expect(stripeTypeFaults(sandbox.exchanges)).toEqual([]);
    },
    COMPILING_MS,
  );

  it('covers every operation', () => {
    const called = sandbox.exchanges.filter(({ status }) => status === 200).map((one) => operationOf(one)?.operation);
    expect(STRIPE_OPERATIONS.filter((operation) => !called.includes(operation))).toEqual([]);
  });

  it(
    'tells of it in events of the published types',
    () => {
      expect(stripeEventTypeFaults(sandbox.events)).toEqual([]);
    },
    COMPILING_MS,
  );

  describe('would go red over', () => {
    const faultsAfter = (path: string, edit: Spoil): readonly string[] => {
      const found = sandbox.exchanges.find(
        (one) => one.path.startsWith(path) && one.method === 'POST' && one.status === 200,
      );
      const copy = structuredClone(found) as unknown as Editable;
      edit(copy);
      return stripeTypeFaults([copy]);
    };
    it.each(WRONG)('%s', (_name, path, edit, expected) => {
      expect(faultsAfter(path, edit).join('\n')).toMatch(expected);
    });

    it('an operation whose types nobody named', () => {
      const [exchange] = sandbox.exchanges;
      expect(stripeTypeFaults([{ ...exchange!, path: '/v1/coupons' }])).toEqual([
        'POST /v1/coupons: no types are known for this operation',
      ]);
    });

    it('an event whose object is another', () => {
      const event = structuredClone(sandbox.eventsOf('customer.subscription.updated')[0]!);
      const wrong = { ...event, data: { object: { ...event.data.object, current_period_end: 1 } } };
      expect(stripeEventTypeFaults([wrong]).join()).toMatch(/current_period_end/);
    });
  });
});

async function leadALife(sandbox: StripeSandbox, stripe: Stripe): Promise<void> {
  const prices = await setUpShop(stripe);
  const { customer, subscription } = await subscribe(sandbox, stripe, prices.basic);
  await change(sandbox, stripe, { subscription, upgrade: prices.pro });
  await downgrade(sandbox, stripe, { id: subscription.id, price: prices.basic });
  await end(sandbox, stripe, { customer, subscription });
  await trials(sandbox, stripe, prices.basic);
  await failures(sandbox, stripe, prices.basic);
  await look(sandbox, stripe, customer);
}

async function setUpShop(stripe: Stripe): Promise<{ basic: string; pro: string }> {
  const product = await stripe.products.create({
    name: 'Basic',
    description: 'For one',
    metadata: { slug: 'basic' },
    marketing_features: [{ name: '100 calls' }],
  });
  await stripe.products.update(product.id, { active: true, metadata: { slug: 'basic', rank: 1 } });
  await stripe.products.retrieve(product.id);
  await stripe.products.list({ active: true, limit: 3 });
  const basic = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 1900,
    recurring: { interval: 'month' },
    lookup_key: 'basic_month',
    transfer_lookup_key: true,
  });
  const pro = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 9900,
    recurring: { interval: 'month', interval_count: 1 },
    lookup_key: 'pro_month',
  });
  await stripe.prices.update(pro.id, { nickname: 'Pro', metadata: { slug: 'pro' } });
  await stripe.prices.retrieve(pro.id, { expand: ['product'] });
  await stripe.prices.list({ lookup_keys: ['basic_month', 'pro_month'], active: true, expand: ['data.product'] });
  await setUpPortal(stripe, product.id, [basic.id, pro.id]);
  const endpoint = await stripe.webhookEndpoints.create({
    url: 'https://example.com/hooks',
    enabled_events: ['*'],
    api_version: '2026-10-28.endive',
  });
  await stripe.webhookEndpoints.update(endpoint.id, { enabled_events: ['customer.subscription.updated'] });
  await stripe.webhookEndpoints.retrieve(endpoint.id);
  await stripe.webhookEndpoints.list();
  await stripe.webhookEndpoints.del(endpoint.id);
  return { basic: basic.id, pro: pro.id };
}

async function setUpPortal(stripe: Stripe, product: string, prices: string[]): Promise<void> {
  const { id } = await stripe.billingPortal.configurations.create({
    features: {
      customer_update: { enabled: true, allowed_updates: ['email'] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true, mode: 'at_period_end' },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        products: [{ product, prices }],
        proration_behavior: 'always_invoice',
        schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
      },
    },
    default_return_url: 'https://example.com/account',
    metadata: { made_by: 'test' },
  });
  await stripe.billingPortal.configurations.update(id, {
    name: 'Ours',
    features: { invoice_history: { enabled: false } },
  });
  await stripe.billingPortal.configurations.retrieve(id);
  await stripe.billingPortal.configurations.list({ is_default: false });
  await stripe.billingPortal.configurations.list({ active: true });
}

interface Subscribed {
  readonly customer: string;
  readonly subscription: Stripe.Subscription;
}

async function subscribe(sandbox: StripeSandbox, stripe: Stripe, price: string): Promise<Subscribed> {
  const customer = await stripe.customers.create({
    email: 'ann@example.com',
    name: 'Ann',
    metadata: { user_id: 'u1' },
  });
  await stripe.customers.update(customer.id, { description: 'First', preferred_locales: ['en'] });
  const checkout: Stripe.Checkout.SessionCreateParams = {
    mode: 'subscription',
    ui_mode: 'hosted_page',
    customer: customer.id,
    client_reference_id: 'u1',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://example.com/back',
    expires_at: Math.floor(sandbox.clock.now().getTime() / 1000) + 3600,
    metadata: { user_id: 'u1' },
    payment_method_collection: 'always',
    subscription_data: { metadata: { user_id: 'u1' }, billing_mode: { type: 'flexible' } },
  };
  const abandoned = await stripe.checkout.sessions.create(checkout, { idempotencyKey: 'checkout:1' });
  await stripe.checkout.sessions.expire(abandoned.id);
  const session = await stripe.checkout.sessions.create({ ...checkout, allowed_payment_method_types: ['card'] });
  await stripe.checkout.sessions.list({ customer: customer.id, status: 'open' });
  await stripe.checkout.sessions.listLineItems(session.id);
  await sandbox.act.payCheckout({ session: session.id });
  await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items', 'subscription', 'customer'] });
  const found = await stripe.subscriptions.list({ customer: customer.id, status: 'all', price });
  return { customer: customer.id, subscription: found.data[0]! };
}

interface Change {
  readonly subscription: Stripe.Subscription;
  readonly upgrade: string;
}

async function change(sandbox: StripeSandbox, stripe: Stripe, { subscription, upgrade }: Change): Promise<void> {
  await sandbox.clock.advance({ days: 10 });
  const items = [{ id: subscription.items.data[0]!.id, price: upgrade }];
  const date = Math.floor(sandbox.clock.now().getTime() / 1000);
  const customer = subscription.customer as string;
  const asked = { items, proration_behavior: 'always_invoice' as const, proration_date: date };
  await stripe.invoices.createPreview({ customer, subscription: subscription.id, subscription_details: asked });
  await stripe.invoices.createPreview({ subscription: subscription.id });
  await sandbox.act.setCard({ customer, card: 'declines' });
  const pending = await stripe.subscriptions.update(subscription.id, {
    ...asked,
    payment_behavior: 'pending_if_incomplete',
    expand: ['latest_invoice'],
  });
  await sandbox.act.setCard({ customer, card: 'works' });
  await stripe.invoices.pay((pending.latest_invoice as Stripe.Invoice).id);
  await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false, metadata: { note: 'kept' } });
  await stripe.subscriptions.update(subscription.id, { cancel_at: 'min_period_end' });
  await stripe.subscriptions.update(subscription.id, { cancel_at: '' });
  const configuration = (await stripe.billingPortal.configurations.list()).data[0]!.id;
  await stripe.billingPortal.sessions.create({
    customer,
    return_url: 'https://example.com/account',
    configuration,
    flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription: subscription.id } },
  });
  await stripe.billingPortal.sessions.create({ customer, configuration, flow_data: { type: 'payment_method_update' } });
  await sandbox.act.portalUpdatePaymentMethod({ customer });
}

async function downgrade(
  sandbox: StripeSandbox,
  stripe: Stripe,
  { id, price }: { id: string; price: string },
): Promise<void> {
  const first = await stripe.subscriptionSchedules.create({ from_subscription: id, metadata: { why: 'test' } });
  await stripe.subscriptionSchedules.release(first.id);
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
  const [phase] = schedule.phases;
  const now = { items: [{ price: phase!.items[0]!.price as string, quantity: 1 }], start_date: phase!.start_date };
  await stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: 'release',
    phases: [
      { ...now, end_date: phase!.end_date, proration_behavior: 'none' },
      {
        items: [{ price, quantity: 1 }],
        duration: { interval: 'month', interval_count: 1 },
        metadata: { slug: 'basic' },
      },
    ],
  });
  await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] });
  await stripe.subscriptionSchedules.list({ limit: 2 });
  await stripe.subscriptions.retrieve(id, {
    expand: ['schedule', 'default_payment_method', 'latest_invoice', 'customer'],
  });
  await sandbox.clock.advance({ days: 60 });
}

async function end(sandbox: StripeSandbox, stripe: Stripe, { customer, subscription }: Subscribed): Promise<void> {
  await stripe.subscriptions.pause(subscription.id, { invoicing_behavior: 'pending_invoice_item' });
  await sandbox.clock.advance({ days: 1 });
  await stripe.subscriptions.retrieve(subscription.id);
  await stripe.subscriptions.resume(subscription.id, { billing_cycle_anchor: { type: 'now' } });
  await stripe.subscriptions.update(subscription.id, { billing_cycle_anchor: { type: 'now' } });
  await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void' } });
  await stripe.subscriptions.cancel(subscription.id, { invoice_now: true, prorate: true });
  const [method] = (await stripe.customers.listPaymentMethods(customer)).data;
  await stripe.paymentMethods.retrieve(method!.id);
  const made = await stripe.subscriptions.create({
    customer,
    items: [{ price: subscription.items.data[0]!.price.id }],
    default_payment_method: method!.id,
    trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    metadata: { by: 'hand' },
  });
  const scheduled = await stripe.subscriptionSchedules.create({ from_subscription: made.id });
  await stripe.subscriptionSchedules.cancel(scheduled.id, { invoice_now: true, prorate: true });
}

async function trials(sandbox: StripeSandbox, stripe: Stripe, price: string): Promise<void> {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer_email: 'bob@example.com',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://example.com/done',
    payment_method_collection: 'if_required',
    subscription_data: {
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    },
  });
  const { subscription } = await sandbox.act.payCheckout({ session: session.id, card: 'none' });
  await stripe.subscriptions.list({ status: 'trialing', expand: ['data.latest_invoice'] });
  await sandbox.clock.advance({ days: 15 });
  await stripe.subscriptions.retrieve(subscription!);
  const second = await sandbox.subscriber({ price, trialDays: 7 });
  await stripe.subscriptions.update(second.subscription.id, { trial_end: 'now' });
}

async function failures(sandbox: StripeSandbox, stripe: Stripe, price: string): Promise<void> {
  const { subscription } = await sandbox.subscriber({ price, card: 'declines' });
  const asks = await sandbox.subscriber({ price, card: 'requires_action' });
  await sandbox.clock.advance({ days: 32 });
  await stripe.subscriptions.list({ status: 'past_due', expand: ['data.latest_invoice'] });
  await sandbox.act.payInvoice({
    invoice: (await stripe.invoices.list({ subscription: asks.subscription.id, status: 'open' })).data[0]!.id,
  });
  await sandbox.clock.advance({ days: 20 });
  await stripe.subscriptions.retrieve(subscription.id);
  const late = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://example.com/done',
  });
  await sandbox.act.payCheckout({ session: late.id, later: true });
  await sandbox.act.settleCheckout({ session: late.id, succeeds: false });
  await sandbox.clock.advance({ days: 1 });
}

async function look(sandbox: StripeSandbox, stripe: Stripe, customer: string): Promise<void> {
  const [invoice] = (await stripe.invoices.list({ customer, status: 'paid', limit: 2, expand: ['data.customer'] }))
    .data;
  await stripe.invoices.retrieve(invoice!.id, { expand: ['parent.subscription_details.subscription'] });
  await stripe.invoices.listLineItems(invoice!.id);
  const [event] = (await stripe.events.list({ types: ['customer.subscription.updated'], limit: 5 })).data;
  await stripe.events.retrieve(event!.id);
  await stripe.events.list({ delivery_success: false, created: { gte: event!.created }, limit: 20 });
  await stripe.customers.list({ email: 'ann@example.com' });
  await stripe.customers.retrieve(customer);
  await sandbox.act.setCard({ customer, card: 'works' });
  await stripe.customers.del(customer);
  await stripe.customers.retrieve(customer);
}
