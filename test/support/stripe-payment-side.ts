import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { startJsonServer } from '../../sandbox/kit/json-server';
import { type StripeSandbox, startStripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { StripePaymentGateway } from '../../src/modules/billing/adapters/stripe/stripe-payment-gateway';
import type { PaymentGateway, PaymentWebhook } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { makeSecret } from './run-record';
import type { Card, Mishap, PaymentSide, WebhookWish } from '../contract/payment-side';

const API_KEY = makeSecret('stripe-test-key');
const SECRETS = {
  newer: makeSecret('webhook-new'),
  older: makeSecret('webhook-old'),
  other: makeSecret('webhook-other'),
};
const CLOSED_PORT = 'http://127.0.0.1:9';
const RETRY_AFTER_SECONDS = '7';
/** So little patience that tests of failures are over soon; one retry, as the adapter's own has two. */
const PATIENCE = { timeoutMs: 5_000, retries: 1 };
const IMPATIENCE = { timeoutMs: 300, retries: 0 };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const CARDS: Readonly<Record<Card, 'works' | 'declines' | 'requires_action'>> = {
  works: 'works',
  declines: 'declines',
  'requires-action': 'requires_action',
};
type FaultAnswer = Parameters<StripeSandbox['order']>[0]['answer'];
const FAULTS: Readonly<Partial<Record<Mishap, FaultAnswer>>> = {
  'error-before': { kind: 'error', status: 500 },
  'error-after': { kind: 'error-after', status: 500 },
  overloaded: { kind: 'error', status: 503 },
  'cut-before': { kind: 'cut' },
  'lost-answer': { kind: 'lost-answer' },
  hang: { kind: 'hang' },
};

export interface StripeSide extends PaymentSide {
  readonly sandbox: StripeSandbox;
  /** Another instance. */
  connect(): PaymentGateway;
}

/** The adapter of Stripe, connected to a stand-in. @param end what becomes of a subscription that is never paid */
export async function startStripeSide(end: 'cancel' | 'unpaid' | 'past_due' = 'cancel'): Promise<StripeSide> {
  const sandbox = await startStripeSandbox({
    apiKey: API_KEY,
    now: new Date('2026-03-01T10:00:00Z'),
    deliver: 'held',
    draftMinutes: 0,
    dunning: { end },
    webhook: { url: CLOSED_PORT, secret: SECRETS.newer },
  });
  const busy = await startJsonServer(() => ({
    status: 429,
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
    body: { error: { type: 'rate_limit_error', message: `Too many requests with ${API_KEY}` } },
  }));
  const connect = (parts: { apiBaseUrl?: string; secretKey?: string } = {}, patience = PATIENCE) =>
    new StripePaymentGateway(
      { secretKey: API_KEY, webhookSecrets: [SECRETS.newer, SECRETS.older], apiBaseUrl: sandbox.url, ...parts },
      patience,
    );
  const ordinary = connect();
  const others: Readonly<Partial<Record<Mishap, StripePaymentGateway>>> = {
    unreachable: connect({ apiBaseUrl: CLOSED_PORT }),
    'rate-limit': connect({ apiBaseUrl: busy.url }),
    'wrong-key': connect({ secretKey: makeSecret('wrong-key') }),
    hang: connect({}, IMPATIENCE),
  };
  let current = ordinary;

  const advance = (to: number) => sandbox.clock.advanceTo(new Date(to));
  const subscriptionOf = (id: string) => sandbox.subscriptions.find((one) => one.id === id)!;
  const endPeriod = (id: string) => advance(subscriptionOf(id).items.data[0]!.current_period_end * 1_000 + MINUTE_MS);
  const giveUp = async (id: string) => {
    while (subscriptionOf(id).status === 'past_due') await sandbox.clock.advance({ days: 1 });
  };
  const pay = (session: string, card: 'works' | 'declines') => sandbox.act.payCheckout({ session, card });

  return {
    sandbox,
    connect: () => connect(),
    gateway: new Proxy(ordinary, {
      get: (_target, name) => (Reflect.get(current, name) as (...inputs: unknown[]) => unknown).bind(current),
    }),
    secrets: [API_KEY, ...Object.values(SECRETS)],
    now: () => sandbox.clock.now(),
    pay: async (url) => {
      await pay(url, 'works');
    },
    decline: async (url) => {
      await pay(url, 'declines');
    },
    setCard: async (customer, card) => {
      await sandbox.act.setCard({ customer, card: CARDS[card] });
    },
    payWhatIsOpen: async (customer) => {
      const open = sandbox.invoices.filter((one) => one.customer === customer && one.status === 'open');
      for (const { id } of open) await sandbox.act.payInvoice({ invoice: id });
    },
    endPeriod: async (id) => {
      await endPeriod(id);
    },
    giveUp,
    deleteCustomer: async (customer) => {
      await sandbox.act.dashboardDeleteCustomer({ customer });
    },
    addSubscriptions: async (customer, price, count) => {
      for (let number = 0; number < count; number += 1) {
        await sandbox.act.dashboardAddSubscription({ customer, price });
      }
    },
    reach: async (status, { id, customerId }) => {
      if (status === 'paused') {
        await sandbox.act.dashboardPause({ subscription: id });
        return id;
      }
      await sandbox.act.setCard({ customer: customerId, card: 'declines' });
      if (status === 'past_due') {
        await endPeriod(id);
        return id;
      }
      const price = subscriptionOf(id).items.data[0]!.price.id;
      const begun = await sandbox.act.dashboardAddSubscription({ customer: customerId, price });
      if (status === 'incomplete_expired') await advance(sandbox.clock.now().getTime() + DAY_MS);
      return begun.id;
    },
    payments: async (customer) =>
      sandbox.invoices.filter((one) => one.customer === customer && one.status === 'paid' && one.amount_paid > 0)
        .length,
    openPages: async (customer) =>
      sandbox.sessions.filter((one) => one.customer === customer && one.status === 'open').length,
    customersOf: async (userId) => sandbox.customers.filter(({ metadata }) => metadata['user_id'] === userId).length,
    webhook: (customerId, wish) => webhookOf(sandbox, customerId, wish),
    fail: (mishap) => {
      current = others[mishap] ?? ordinary;
      const answer = FAULTS[mishap];
      if (answer) sandbox.order({ answer, times: 'always' });
    },
    heal: () => {
      current = ordinary;
      sandbox.withdrawOrders();
    },
    stop: async () => {
      await busy.stop();
      await sandbox.stop();
    },
  };
}

/** A real event about the customer, changed as wished, and signed by the library itself. */
function webhookOf(
  sandbox: StripeSandbox,
  customerId: string,
  { secret = 'newer', ageSeconds = 0, event = {} }: WebhookWish = {},
): PaymentWebhook {
  const about = sandbox.events.filter(({ data }) => (data.object as { customer?: unknown }).customer === customerId);
  const found = about.find(({ type }) => type === 'customer.subscription.created') ?? about.at(-1);
  const payload = JSON.stringify({ ...found, id: `evt_${randomUUID()}`, ...event });
  const timestamp = Math.floor(Date.now() / 1_000) - ageSeconds;
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRETS[secret], timestamp });
  return { headers: { 'stripe-signature': header }, rawBody: Buffer.from(payload) };
}
