import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';

const TRIAL_DAYS = 14;

let world: PaidPlansWorld;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
  await world.database.query(`update subscription_plans set trial_days = ${String(TRIAL_DAYS)} where slug = 'basic'`);
});
afterAll(() => world.stop());

async function look(user: Subscriber) {
  const { plan, status } = (await user.get('/v1/subscription')).body as { plan: { slug: string }; status: string };
  const { callsLimit } = (await user.get('/v1/usage')).body as { callsLimit: number };
  return { plan: plan.slug, status, callsLimit };
}

async function onTrial(): Promise<Subscriber> {
  const user = await world.signUp();
  await world.buy(user, 'basic');
  expect(await look(user)).toEqual({ plan: 'basic', status: 'trialing', callsLimit: 500 });
  return user;
}

const paidBy = (customer: string): readonly number[] =>
  world.stripe.invoices
    .filter((invoice) => invoice.customer === customer && invoice.status === 'paid' && invoice.amount_paid > 0)
    .map((invoice) => invoice.amount_paid);

describe('a better plan during a trial', () => {
  it('is paid for at once, whole, and ends the trial', async () => {
    const user = await onTrial();
    expect((await user.choose('business')).status).toBe(200);
    await world.settled();
    expect(await look(user)).toEqual({ plan: 'business', status: 'active', callsLimit: 2_500 });
    expect(paidBy(await user.customerId())).toEqual([9_900]);
  });

  it.each(['declines', 'requires_action'] as const)(
    'waits for its payment when the card %s: the trial and its limits stay',
    async (card) => {
      const user = await onTrial();
      const customer = await user.customerId();
      await world.stripe.act.setCard({ customer, card });
      const refused = { status: 402, body: { code: 'billing.payment_required' } };
      expect(await user.choose('business')).toMatchObject(refused);
      await world.settled();
      expect(await look(user)).toEqual({ plan: 'basic', status: 'trialing', callsLimit: 500 });
      expect(paidBy(customer)).toEqual([]);
      const invoice = world.stripe.invoices.find((one) => one.customer === customer && one.status === 'open');
      await world.stripe.act.setCard({ customer, card: 'works' });
      await world.stripe.act.payInvoice({ invoice: invoice?.id ?? '' });
      await world.settled();
      expect(await look(user)).toEqual({ plan: 'business', status: 'active', callsLimit: 2_500 });
    },
  );

  it('that is never paid for leaves the trial to end as it would have', async () => {
    const user = await onTrial();
    const customer = await user.customerId();
    await world.stripe.act.setCard({ customer, card: 'declines' });
    await user.choose('business');
    await world.stripe.act.setCard({ customer, card: 'works' });
    await world.pass({ days: TRIAL_DAYS + 1 });
    expect(await look(user)).toEqual({ plan: 'basic', status: 'active', callsLimit: 500 });
    expect(paidBy(customer)).toEqual([2_900]);
  });
});
