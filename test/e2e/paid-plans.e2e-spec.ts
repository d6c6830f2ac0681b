import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import { stripeTypeFaults } from '../support/stripe-types';

const FREE = { callsLimit: 50, minutesLimit: 100 };
const BASIC = { callsLimit: 500, minutesLimit: 1_000 };
const BUSINESS = { callsLimit: 2_500, minutesLimit: 5_000 };

let world: PaidPlansWorld;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
});
afterAll(() => world.stop());

/** What the user sees of the subscription: plan, status, whether it ends, limits, profile. */
async function look(user: Subscriber) {
  const subscription = await user.get('/v1/subscription');
  const usage = await user.get('/v1/usage');
  const { plan, status, cancelAtPeriodEnd } = subscription.body as Record<string, never>;
  const { callsLimit, minutesLimit } = usage.body as Record<string, never>;
  return {
    plan: subscription.status === 404 ? 'none' : (plan as unknown as { slug: string }).slug,
    ...(subscription.status === 200 && { status, ends: cancelAtPeriodEnd }),
    ...(usage.status === 200 && { limits: { callsLimit, minutesLimit } }),
    profile: await world.profileStatus(user),
  };
}

const active = (plan: string, limits: object, ends = false) => ({
  plan,
  status: 'active',
  ends,
  limits,
  profile: 'active',
});
const NOTHING = { plan: 'none', profile: 'inactive' };

async function periodOf(user: Subscriber): Promise<string> {
  return ((await user.get('/v1/subscription')).body as { currentPeriodStart: string }).currentPeriodStart;
}

describe('the life of one user', () => {
  let user: Subscriber;
  let customer: string;
  const invoicesOf = () => world.stripe.invoices.filter((invoice) => invoice.customer === customer);

  beforeAll(async () => {
    await world.database.query(`update subscription_plans set trial_days = 14 where slug = 'basic'`);
    user = await world.signUp();
  });

  it('begins with the free plan', async () => {
    expect(await look(user)).toEqual(NOTHING);
    expect((await user.choose('free')).status).toBe(201);
    expect(await look(user)).toEqual(active('free', FREE));
  });

  it('buys: nothing changes before the payment, and a first one begins with a trial', async () => {
    const answer = await user.choose('basic');
    expect(answer).toMatchObject({ status: 200, body: { checkoutUrl: expect.stringContaining('http') as string } });
    expect(Object.keys(answer.body as object)).toEqual(['checkoutUrl']);
    expect(await look(user)).toEqual(active('free', FREE));
    await world.stripe.act.payCheckout({ session: (answer.body as { checkoutUrl: string }).checkoutUrl });
    await world.settled();
    customer = await user.customerId();
    expect(await look(user)).toEqual({ ...active('basic', BASIC), status: 'trialing' });
  });

  it('goes on when the trial is over, and renews', async () => {
    const trial = await periodOf(user);
    await world.pass({ days: 15 });
    expect(await look(user)).toEqual(active('basic', BASIC));
    const first = await periodOf(user);
    await world.pass({ days: 31 });
    expect(await look(user)).toEqual(active('basic', BASIC));
    const second = await periodOf(user);
    expect([trial, first, second]).toEqual([trial, first, second].sort());
    expect(new Set([trial, first, second]).size).toBe(3);
  });

  it('upgrades at once, within the running period, for the difference', async () => {
    const period = await periodOf(user);
    const before = invoicesOf().length;
    const answer = await user.choose('business');
    expect(answer).toMatchObject({ status: 200, body: { plan: { slug: 'business' }, status: 'active' } });
    await world.settled();
    expect(await look(user)).toEqual(active('business', BUSINESS));
    expect(await periodOf(user)).toBe(period);
    expect(invoicesOf()).toHaveLength(before + 1);
  });

  it('downgrades when the period ends', async () => {
    expect((await user.choose('basic')).status).toBe(200);
    await world.settled();
    expect(await look(user)).toEqual(active('business', BUSINESS));
    await world.pass({ days: 31 });
    expect(await look(user)).toEqual(active('basic', BASIC));
  });

  it('keeps the plan for the days of grace when a payment fails, then falls to the free limits', async () => {
    await world.stripe.act.setCard({ customer, card: 'declines' });
    await world.pass({ days: 31 });
    expect(await look(user)).toEqual({ ...active('basic', BASIC), status: 'past_due' });
    expect(await user.choose('business')).toMatchObject({ status: 402, body: { code: 'billing.payment_required' } });
    await world.pass({ days: 8 });
    expect(await look(user)).toEqual({ ...active('basic', FREE), status: 'past_due' });
  });

  it('recovers', async () => {
    await world.stripe.act.setCard({ customer, card: 'works' });
    const owed = invoicesOf().find(({ status }) => status === 'open');
    await world.stripe.act.payInvoice({ invoice: owed?.id ?? 'none' });
    await world.settled();
    expect(await look(user)).toEqual(active('basic', BASIC));
  });

  it('cancels, and thinks better of it', async () => {
    expect(await user.post('/v1/subscription/cancel')).toMatchObject({
      status: 200,
      body: { status: 'active', cancelAtPeriodEnd: true },
    });
    expect(await user.choose('basic')).toMatchObject({ status: 200, body: { cancelAtPeriodEnd: false } });
    await world.settled();
    expect(await look(user)).toEqual(active('basic', BASIC));
  });

  it('cancels for good: nothing follows', async () => {
    expect((await user.post('/v1/subscription/cancel')).status).toBe(200);
    await world.settled();
    expect(await look(user)).toEqual(active('basic', BASIC, true));
    await world.pass({ days: 31 });
    expect(await look(user)).toEqual(NOTHING);
    expect(await user.post('/v1/subscription/cancel')).toMatchObject({ status: 404 });
  });

  it('buys again as the same customer, without a second trial', async () => {
    await world.buy(user, 'basic');
    expect(await look(user)).toEqual(active('basic', BASIC));
    expect(await user.customerId()).toBe(customer);
  });

  it('is back on the free plan when nobody pays to the end', async () => {
    await world.stripe.act.setCard({ customer, card: 'declines' });
    await world.pass({ days: 31 });
    expect(await look(user)).toMatchObject({ plan: 'basic', status: 'past_due' });
    await world.pass({ days: 31 });
    expect(await look(user)).toEqual(active('free', FREE));
  });

  it('buys once more, and goes back to the free plan by choice', async () => {
    await world.stripe.act.setCard({ customer, card: 'works' });
    await world.buy(user, 'business yearly');
    expect(await look(user)).toEqual(active('business', BUSINESS));
    expect(await user.choose('free')).toMatchObject({ status: 200, body: { cancelAtPeriodEnd: true } });
    await world.pass({ days: 366 });
    expect(await look(user)).toEqual(active('free', FREE));
  });

  it('has asked Stripe for nothing that its library’s types don’t know, and was answered so', () => {
    expect(world.stripe.exchanges.length).toBeGreaterThan(100);
    expect(stripeTypeFaults(world.stripe.exchanges)).toEqual([]);
  });
});
