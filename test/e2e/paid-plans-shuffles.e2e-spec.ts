import { seededRandom } from '../../sandbox/kit/random';
import type { StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { ReceivePaymentWebhook } from '../../src/modules/billing/application/receive-payment-webhook';
import { ReconcilePayments } from '../../src/modules/billing/application/reconcile-payments';
import { SyncCustomer } from '../../src/modules/billing/application/sync-customer';
import { PaidPlansWorld } from '../support/paid-plans-world';
import { SHUFFLE_SEED } from '../support/shuffle-seed';

/** Lives that are told about while they are lived, and retellings of each afterwards: 63 + 7 x 63 = 504 shuffles. */
const LIVES = 63;
const RETELLINGS = 7;
/** For many lives at once, on a machine that has other things to do. */
const DEADLINE_MS = 300_000;
/** Of what Stripe tells in a life whose events get lost, and of what comes twice. */
const [LOST, TWICE] = [0.4, 0.15];
/** What an endpoint is told about. */
const TYPES = /^(customer\.subscription\.|customer\.deleted|checkout\.session\.|invoice\.(paid|payment_failed))/;

type Random = () => number;
type StripeEvent = StripeSandbox['events'][number];

/** How a life ends, and what its user then is. */
const ENDINGS = {
  'goes-on': { plan: 'business', profile: 'active' },
  'is-to-end': { plan: 'business', profile: 'active' },
  'was-canceled': { plan: 'none', profile: 'inactive' },
  'was-not-paid': { plan: 'free', profile: 'active' },
  'is-owed': { plan: 'business', profile: 'active' },
  'is-paused': { plan: 'business', profile: 'active' },
  'bought-again': { plan: 'basic', profile: 'active' },
} as const;
type Ending = keyof typeof ENDINGS;
const ALL_ENDINGS = Object.keys(ENDINGS) as Ending[];

interface Life {
  readonly seed: number;
  readonly random: Random;
  readonly userId: string;
  readonly ending: Ending;
  /** Whether some of what Stripe tells never arrives. */
  readonly isLossy: boolean;
  customer: string;
  subscription: string;
  /** Told by Stripe, and not delivered so far. */
  waiting: StripeEvent[];
  readonly told: StripeEvent[];
  readonly delivered: string[];
}

let world: PaidPlansWorld;
let prices: { readonly basic: string; readonly business: string };
let lives: readonly Life[];
let seen = 0;

beforeAll(async () => {
  world = await PaidPlansWorld.start({ deliver: 'held' });
  prices = { basic: await priceOf('basic'), business: await priceOf('business') };
  lives = await begin();
});
afterAll(() => world.stop());

async function priceOf(slug: string): Promise<string> {
  const [plan] = await world.database.query<{ id: string }>(
    `select stripe_price_id as id from subscription_plans where slug = $1 and interval = 'monthly'`,
    [slug],
  );
  return plan?.id ?? '';
}

async function begin(): Promise<Life[]> {
  const begun: Life[] = [];
  for (let index = 0; index < LIVES; index += 1) {
    const seed = SHUFFLE_SEED * 10_000 + index;
    begun.push({
      seed,
      random: seededRandom(seed),
      userId: await world.database.createUser(),
      ending: ALL_ENDINGS[index % ALL_ENDINGS.length] ?? 'goes-on',
      isLossy: index % 2 === 1,
      customer: '',
      subscription: '',
      waiting: [],
      told: [],
      delivered: [],
    });
  }
  return begun;
}

/** Everybody on the free plan, nothing paid, nothing told. */
async function forget(): Promise<void> {
  await world.settled(DEADLINE_MS);
  await world.database.query(`
    delete from user_subscriptions;
    delete from stripe_events;
    update billing_customers set fetched_at = null, trial_used_at = null, deleted_at = null;
    insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end, created_at)
    select id, '${world.planId('free')}', 'active', now(), now() + interval '1 month', now() - interval '1 day'
    from user_profiles;
    update user_profiles set status = 'active'`);
}

/**
 * What the events should lead to: everything recorded, but for ids and times of our own, and for what an ended one had
 * come to grant, which depends on what was heard of it before.
 */
async function states(): Promise<Map<string, unknown>> {
  const rows = await world.database.query<{ user_id: string; state: unknown }>(`
    select profile.id as user_id, json_build_object(
      'profile', profile.status,
      'trial', customer.trial_used_at is not null,
      'plan', coalesce((
        select plan.slug from user_subscriptions live join subscription_plans plan on plan.id = live.plan_id
        where live.user_id = profile.id and live.status <> 'canceled'), 'none'),
      'records', (
        select json_agg(json_build_object('id', stripe_sub_id, 'plan', plan_id, 'status', status, 'raw', stripe_status,
          'start', current_period_start, 'end', current_period_end, 'grants',
          case when status <> 'canceled' then grants_until end, 'next', next_plan_id,
          'owed', owed_since, 'ends', cancel_at_period_end, 'method', payment_method) order by stripe_sub_id)
        from user_subscriptions paid where paid.user_id = profile.id and stripe_sub_id is not null)) as state
    from user_profiles profile join billing_customers customer on customer.user_id = profile.id`);
  return new Map(rows.map(({ user_id, state }) => [user_id, state]));
}

const LIVED: readonly ((life: Life) => Promise<unknown>)[] = [
  async (life) => {
    const metadata = { user_id: life.userId };
    const { customer, subscription } = await world.stripe.subscriber({
      price: prices.basic,
      metadata,
      ...trialOf(life),
    });
    Object.assign(life, { customer: customer.id, subscription: subscription.id });
    await world.database.query('insert into billing_customers (user_id, stripe_customer_id) values ($1, $2)', [
      life.userId,
      customer.id,
    ]);
  },
  ({ subscription }) => world.stripe.act.dashboardChangePrice({ subscription, price: prices.business }),
  ({ customer }) => world.stripe.act.setCard({ customer, card: 'declines' }),
  async ({ customer }) => {
    await world.stripe.act.setCard({ customer, card: 'works' });
    const owed = world.stripe.invoices.find((invoice) => invoice.customer === customer && invoice.status === 'open');
    if (owed) await world.stripe.act.payInvoice({ invoice: owed.id });
  },
  ({ customer }) => world.stripe.act.portalCancel({ customer }),
  ({ customer }) => world.stripe.act.portalUndoCancel({ customer }),
  (life) => beginEnding(life),
  async ({ ending, customer }) => {
    if (ending === 'is-owed') await world.stripe.act.setCard({ customer, card: 'declines' });
  },
];
/** Days that pass after each step. */
const PAUSES = [8, 1, 31, 1, 1, 1, 31, 31] as const;

function trialOf({ seed }: Life): { readonly trialDays?: number } {
  return seed % 3 === 0 ? { trialDays: 7 } : {};
}

async function beginEnding({ ending, customer, subscription, userId }: Life): Promise<unknown> {
  const { act } = world.stripe;
  switch (ending) {
    case 'goes-on':
    case 'is-to-end':
    case 'is-owed':
      return undefined;
    case 'was-canceled':
      return act.portalCancel({ customer });
    case 'was-not-paid':
      return act.setCard({ customer, card: 'declines' });
    case 'is-paused':
      return act.dashboardPause({ subscription });
    case 'bought-again':
      await act.dashboardCancelNow({ subscription });
      return world.stripe.subscriber({ price: prices.basic, customer, metadata: { user_id: userId } });
  }
}

async function endAll(): Promise<void> {
  for (const { ending, customer } of lives) {
    if (ending === 'is-to-end') await world.stripe.act.portalCancel({ customer });
  }
}

/** Gives every life what Stripe has told about it since somebody looked last. */
function hear(): void {
  const byCustomer = new Map(lives.map((life) => [life.customer, life]));
  for (const event of world.stripe.events.slice(seen)) {
    const object = event.data.object as { readonly customer?: unknown; readonly id?: string };
    const life = byCustomer.get(typeof object.customer === 'string' ? object.customer : (object.id ?? ''));
    if (!life || !TYPES.test(event.type)) continue;
    life.told.push(event);
    if (!life.isLossy || life.random() > LOST) life.waiting.push(event);
  }
  seen = world.stripe.events.length;
}

function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items];
  for (let index = shuffled.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other] as T, shuffled[index] as T];
  }
  return shuffled;
}

/** Delivers some of what waits, in any order, some of it twice, now or later. */
async function tell(life: Life, share: number, deliver = deliverToTheRoute): Promise<void> {
  const shuffled = shuffle(life.waiting, life.random);
  const count = share === 1 ? shuffled.length : Math.floor(shuffled.length * share);
  const now = shuffled.slice(0, count);
  const repeated = now.filter(() => life.random() < TWICE);
  life.waiting = share === 1 ? [] : [...shuffled.slice(count), ...repeated];
  for (const event of [...now, ...(share === 1 ? repeated : [])]) await deliver(life, event);
}

async function deliverToTheRoute(life: Life, event: StripeEvent): Promise<void> {
  const { body, headers } = world.stripe.signed(event);
  const url = '/v1/webhooks/stripe';
  const { statusCode } = await world.service.app.inject({ method: 'POST', url, payload: body, headers });
  life.delivered.push(event.type);
  if (statusCode !== 200) throw new Error(`${event.type} was answered with ${String(statusCode)}`);
}

/** What the route does, without HTTP: the signature is looked at all the same. */
async function deliverBehindTheRoute(life: Life, event: StripeEvent): Promise<void> {
  const { body, headers } = world.stripe.signed(event);
  const receive = world.service.app.get(ReceivePaymentWebhook, { strict: false });
  await receive.execute({ rawBody: Buffer.from(body), headers });
  life.delivered.push(event.type);
}

/** Everybody at the same time, as far as one process can. */
async function tellAll(shareOf: (life: Life) => number): Promise<void> {
  await Promise.all(lives.map((life) => tell(life, shareOf(life))));
}

/** What a service that was told nothing finds out by asking. */
async function askAfresh(): Promise<Map<string, unknown>> {
  await forget();
  const sync = world.service.app.get(SyncCustomer, { strict: false });
  for (const { customer } of lives) await sync.execute(customer);
  return states();
}

function expectSame(found: Map<string, unknown>, expected: Map<string, unknown>, of: readonly Life[]): void {
  const wrong = of.filter(({ userId }) => JSON.stringify(found.get(userId)) !== JSON.stringify(expected.get(userId)));
  const told = wrong.map(({ seed, ending, isLossy, userId, delivered }) => ({
    seed,
    ending,
    isLossy,
    found: found.get(userId),
    expected: expected.get(userId),
    delivered: delivered.join(' '),
  }));
  expect(told).toEqual([]);
}

const lossless = () => lives.filter(({ isLossy }) => !isLossy);
const reconcile = () => world.service.app.get(ReconcilePayments, { strict: false }).execute();

describe('whatever order it is told in', () => {
  let lived: Map<string, unknown>;
  let reconciled: Map<string, unknown>;
  let expected: Map<string, unknown>;

  beforeAll(async () => {
    await forget();
    for (const [index, step] of LIVED.entries()) {
      for (const life of lives) await step(life);
      if (index === 0) await forget();
      hear();
      await tellAll(({ random }) => random() * 0.9);
      await world.stripe.clock.advance({ days: PAUSES[index] ?? 1 });
      hear();
      await tellAll(({ random }) => random() * 0.9);
    }
    await endAll();
    hear();
    await tellAll(() => 1);
    await world.settled(DEADLINE_MS);
    lived = await states();
    await reconcile();
    reconciled = await states();
    expected = await askAfresh();
  }, DEADLINE_MS);

  it('ends as Stripe says, told while it is lived', () => {
    expectSame(lived, expected, lossless());
  });

  it('ends so too when a third is lost, once it was compared', () => {
    expectSame(reconciled, expected, lives);
  });

  it('ends as each life ended', () => {
    for (const { userId, ending } of lives) expect(expected.get(userId)).toMatchObject(ENDINGS[ending]);
  });

  it.each(Array.from({ length: RETELLINGS }, (_, index) => index + 1))(
    'ends so when it is retold: %i',
    async () => {
      await forget();
      for (const life of lives) {
        life.delivered.length = 0;
        life.waiting = life.told.filter(() => !life.isLossy || life.random() > LOST);
      }
      await Promise.all(lives.map((life) => tell(life, 1, deliverBehindTheRoute)));
      await world.settled(DEADLINE_MS);
      expectSame(await states(), expected, lossless());
      await reconcile();
      expectSame(await states(), expected, lives);
    },
    DEADLINE_MS,
  );
});
