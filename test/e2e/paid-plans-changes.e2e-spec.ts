import { ReconcilePayments } from '../../src/modules/billing/application/reconcile-payments';
import { SyncCustomer } from '../../src/modules/billing/application/sync-customer';
import { offerPlans, PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import type { Service } from '../support/service';
import { waitFor } from '../support/wait-for';

const SCHEDULES = '/v1/subscription_schedules';
const TROUBLE = { kind: 'error', status: 503 } as const;
const LATER_MS = 11 * 60_000;
/** Longer than a month, shorter than a year. */
const A_MONTH = { days: 33 };
const UNDER_WAY = { status: 409, body: { code: 'billing.change_in_progress' } };

let world: PaidPlansWorld;
let other: Service;
beforeAll(async () => {
  world = await PaidPlansWorld.start();
  await world.database.query('update subscription_plans set trial_days = 0');
  other = await world.startInstance();
});
afterAll(() => world.stop());
afterEach(() => {
  jest.restoreAllMocks();
  world.stripe.withdrawOrders();
});

async function subscribed(plan: string): Promise<Subscriber & { readonly customer: string }> {
  const user = await world.signUp();
  await world.buy(user, plan);
  return { ...user, customer: await user.customerId() };
}

const at = (customer: string) => world.stripe.subscriptions.find((one) => one.customer === customer)!;
const kindOf = ({ plan }: { plan: { slug: string; interval: string } }) => `${plan.slug} ${plan.interval}`;

async function stateOf(user: Subscriber): Promise<unknown> {
  const { status, body } = await user.get('/v1/subscription');
  if (status !== 200) return status;
  const view = body as { plan: { slug: string; interval: string }; cancelAtPeriodEnd: boolean };
  return [kindOf(view), view.cancelAtPeriodEnd ? 'ends' : 'goes on'];
}

const notesOf = ({ userId }: Subscriber) =>
  world.database.query('select kind, holder from billing_changes where user_id = $1', [userId]);

/** The hourly comparison. */
const compare = () => world.service.app.get(ReconcilePayments, { strict: false }).execute();

/** Somebody looks after those minutes in which a change that was begun may still be under way. */
async function lookLater(customer: string): Promise<void> {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockReturnValue(now + LATER_MS);
  await world.service.app.get(SyncCustomer, { strict: false }).execute(customer);
  jest.restoreAllMocks();
  await world.settled();
}

/** The process dies once it has changed the subscription so often: nothing gets through any more. */
function dieAfter(customer: string, changes: number): void {
  const path = `/v1/subscriptions/${at(customer).id}`;
  let seen = 0;
  world.stripe.onExchange((exchange) => {
    if (exchange.method !== 'POST' || exchange.path !== path) return;
    seen += 1;
    if (seen !== changes) return;
    for (const refused of [path, SCHEDULES])
      world.stripe.order({ answer: TROUBLE, times: 'always', method: 'POST', path: refused });
  });
}

describe('a better plan that is paid for only later', () => {
  const before: readonly (readonly [string, string, (user: Subscriber & { customer: string }) => Promise<unknown>])[] =
    [
      ['a lesser plan', 'business', (user) => user.choose('basic')],
      ['a cancellation in the portal', 'basic', ({ customer }) => world.stripe.act.portalCancel({ customer })],
      ['a cancellation', 'business', (user) => user.post('/v1/subscription/cancel')],
      ['the free plan', 'business', (user) => user.choose('free')],
    ];

  async function chooseUnpaid(user: Subscriber & { customer: string }, plan: string): Promise<void> {
    await world.stripe.act.setCard({ customer: user.customer, card: 'requires_action' });
    expect(await user.choose(plan)).toMatchObject({ status: 402, body: { code: 'billing.payment_required' } });
    await world.settled();
  }
  async function pay({ customer }: { customer: string }): Promise<void> {
    await world.stripe.act.setCard({ customer, card: 'works' });
    const open = world.stripe.invoices.find((invoice) => invoice.customer === customer && invoice.status === 'open');
    await world.stripe.act.payInvoice({ invoice: open!.id });
    await world.settled();
  }

  it.each(before)('is not undone by %s that was to come', async (_what, plan, prepare) => {
    const user = await subscribed(plan);
    await prepare(user);
    await world.settled();
    await chooseUnpaid(user, 'enterprise yearly');
    await pay(user);
    await world.pass(A_MONTH);
    expect(await stateOf(user)).toEqual(['enterprise yearly', 'goes on']);
    expect(at(user.customer)).toMatchObject({ schedule: null, cancel_at: null });
    expect(await notesOf(user)).toEqual([]);
  });

  it('is not undone by what was to come and was chosen once more', async () => {
    const user = await subscribed('business');
    await user.choose('basic');
    await chooseUnpaid(user, 'enterprise yearly');
    expect((await user.choose('basic')).status).toBe(200);
    await pay(user);
    await world.pass(A_MONTH);
    expect(await stateOf(user)).toEqual(['enterprise yearly', 'goes on']);
  });

  it('or never leaves what was to come, and nothing else', async () => {
    const user = await subscribed('business');
    await user.choose('basic');
    await chooseUnpaid(user, 'enterprise');
    expect(await notesOf(user)).toEqual([{ kind: 'upgrade', holder: null }]);
    await world.stripe.act.setCard({ customer: user.customer, card: 'works' });
    await world.pass(A_MONTH);
    expect(await stateOf(user)).toEqual(['basic monthly', 'goes on']);
    expect(await notesOf(user)).toEqual([]);
  });

  it('leaves no note where nothing was to come', async () => {
    const user = await subscribed('business');
    await chooseUnpaid(user, 'enterprise');
    expect(await notesOf(user)).toEqual([]);
  });

  it('is not undone by a lesser plan that is chosen meanwhile, which has to wait until nothing is open', async () => {
    const user = await subscribed('business');
    await chooseUnpaid(user, 'enterprise');
    expect(await user.choose('basic')).toMatchObject({ status: 402, body: { code: 'billing.payment_required' } });
    await pay(user);
    expect(await stateOf(user)).toEqual(['enterprise monthly', 'goes on']);

    const other = await subscribed('business');
    await chooseUnpaid(other, 'enterprise');
    await world.stripe.act.setCard({ customer: other.customer, card: 'works' });
    await world.pass({ days: 2 });
    expect((await other.choose('basic')).status).toBe(200);
    await world.pass(A_MONTH);
    expect(await stateOf(other)).toEqual(['basic monthly', 'goes on']);
  });

  it('does not end a cancellation that came after it', async () => {
    const user = await subscribed('business');
    await user.choose('basic');
    await chooseUnpaid(user, 'enterprise');
    expect((await user.post('/v1/subscription/cancel')).status).toBe(200);
    await world.settled();
    await compare();
    expect(await stateOf(user)).toEqual(['business monthly', 'ends']);
  });
});

it('whoever dies between the payment of a better plan and the end of a cancellation leaves it to the next look', async () => {
  const user = await subscribed('business');
  await world.stripe.act.portalCancel({ customer: user.customer });
  await world.settled();
  dieAfter(user.customer, 1);
  expect((await user.choose('enterprise yearly')).status).toBe(503);
  world.stripe.withdrawOrders();
  await world.settled();
  await compare();
  await world.pass(A_MONTH);
  expect(await stateOf(user)).toEqual(['enterprise yearly', 'goes on']);
});

describe('two changes at once', () => {
  it('come one after the other, also on two instances: what was paid stays', async () => {
    const here = await subscribed('business');
    const there = await world.subscriber(here.userId, other);
    const path = `/v1/subscriptions/${at(here.customer).id}`;
    world.stripe.order({ answer: { kind: 'slow', delayMs: 1_500 }, times: 1, method: 'POST', path });
    const better = here.choose('enterprise yearly');
    await waitFor(async () => (await notesOf(here)).some(({ kind }) => kind === 'upgrade'), 'it is sent');
    expect(await there.choose('basic')).toMatchObject(UNDER_WAY);
    expect(await there.post('/v1/subscription/cancel')).toMatchObject(UNDER_WAY);
    expect((await better).status).toBe(200);
    await world.settled();
    expect(await stateOf(here)).toEqual(['enterprise yearly', 'goes on']);
    expect(await notesOf(here)).toEqual([]);
    expect((await there.choose('basic')).status).toBe(200);
  });

  it('in whatever order never cost what the user does not get', async () => {
    for (let round = 0; round < 4; round += 1) {
      const user = await subscribed('business');
      const answers = await Promise.all([user.choose('basic'), user.choose('enterprise')]);
      await world.settled();
      for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(UNDER_WAY);
      const paid = world.stripe.invoices.filter(({ customer }) => customer === user.customer);
      const isPaid = paid.reduce((sum, { amount_paid }) => sum + amount_paid, 0) > 9_900;
      expect(await stateOf(user)).toEqual([isPaid ? 'enterprise monthly' : 'business monthly', 'goes on']);
    }
  });

  it('wait for each other no longer than a dead one may', async () => {
    const user = await subscribed('business');
    const hold = (until: string) =>
      world.database.query(
        `insert into billing_changes (user_id, holder, held_until) values ($1, 'somebody', ${until})
         on conflict (user_id) do update set holder = excluded.holder, held_until = excluded.held_until`,
        [user.userId],
      );
    const [{ now }] = (await world.database.query<{ now: Date }>('select movable_clock.clock_timestamp() as now')) as [
      { now: Date },
    ];
    await hold(`timestamptz '${now.toISOString()}' + interval '5 minutes'`);
    expect(await user.choose('enterprise')).toMatchObject(UNDER_WAY);
    await hold(`timestamptz '${now.toISOString()}'`);
    expect((await user.choose('enterprise')).status).toBe(200);
    expect(await notesOf(user)).toEqual([]);
  });
});

describe('a change that was interrupted once it had taken a cancellation back', () => {
  /** The note about the cancellation, and taking it back. */
  const CHANGES = 2;

  async function interrupted(): Promise<Subscriber & { readonly customer: string }> {
    const user = await subscribed('business');
    await user.post('/v1/subscription/cancel');
    await world.settled();
    dieAfter(user.customer, CHANGES);
    expect((await user.choose('basic')).status).toBe(503);
    world.stripe.withdrawOrders();
    await world.settled();
    expect(await stateOf(user)).toEqual(['business monthly', 'goes on']);
    return user;
  }

  it('puts it back later', async () => {
    const user = await interrupted();
    await lookLater(user.customer);
    expect(await stateOf(user)).toEqual(['business monthly', 'ends']);
    await world.pass({ days: 1 });
    await compare();
    expect(await notesOf(user)).toEqual([]);
  });

  it.each(['business', 'enterprise', 'basic'])('leaves alone who has chosen %s since', async (plan) => {
    const user = await interrupted();
    expect((await user.choose(plan)).status).toBe(200);
    await world.settled();
    await lookLater(user.customer);
    const kept = plan === 'basic' ? 'business' : plan;
    expect(await stateOf(user)).toEqual([`${kept} monthly`, 'goes on']);
    expect(at(user.customer).metadata['taken_back'] ?? '').toBe('');
    await lookLater(user.customer);
    expect(await stateOf(user)).toEqual([`${kept} monthly`, 'goes on']);
  });

  it('whose day has come ends with the period, and hinders no choice', async () => {
    const user = await subscribed('business');
    await world.stripe.act.portalCancel({ customer: user.customer });
    await world.settled();
    dieAfter(user.customer, CHANGES);
    expect((await user.choose('basic')).status).toBe(503);
    world.stripe.withdrawOrders();
    await world.pass(A_MONTH);
    await lookLater(user.customer);
    expect(await stateOf(user)).toEqual(['business monthly', 'ends']);
    for (const plan of ['basic', 'business', 'enterprise']) expect((await user.choose(plan)).status).toBe(200);
  });

  it('and cannot be finished hinders nobody', async () => {
    const user = await interrupted();
    const path = `/v1/subscriptions/${at(user.customer).id}`;
    world.stripe.order({ answer: { kind: 'error', status: 400 }, times: 1, method: 'POST', path });
    await lookLater(user.customer);
    expect(await stateOf(user)).toEqual(['business monthly', 'goes on']);
    await lookLater(user.customer);
    expect(await stateOf(user)).toEqual(['business monthly', 'ends']);
  });
});

it('several who pay a price that was replaced choose a lesser plan at the same time, on two instances', async () => {
  const users: Subscriber[] = [];
  for (let count = 0; count < 6; count += 1) {
    const { userId } = await subscribed('business');
    users.push(await world.subscriber(userId, count % 2 === 0 ? world.service : other));
  }
  await world.database.query(`update subscription_plans set price = price + 1 where slug = 'business'`);
  await offerPlans(world.service);
  const answers = await Promise.all(users.map((user) => user.choose('basic')));
  for (const { status, body } of answers)
    if (status !== 200) expect(body).toMatchObject({ status: 503, code: 'billing.price_replaced' });
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  await world.settled();
  const business = world.stripe.all('price').filter(({ product }) => product === 'ringonce_business');
  expect(business.filter(({ active, unit_amount }) => active && unit_amount === 9_900)).toEqual([]);
});
