import { OfferPlans } from '../../src/modules/billing/application/offer-plans';
import { PaymentGateway } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { Plans } from '../../src/modules/billing/application/ports/plans.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import { waitFor } from '../support/wait-for';

let world: PaidPlansWorld;

beforeEach(async () => {
  world = await PaidPlansWorld.start();
});
afterEach(() => world.stop());

const port = <T>(token: abstract new () => T): T => world.service.app.get<T>(token, { strict: false });

/** Another price takes the place of the basic plan's at Stripe, and nobody notes it here. @returns the one noted here */
async function replaceUnnoticed(): Promise<string> {
  const basic = (await port(Plans).find(world.planId('basic')))!;
  const noted = (await port(Plans).priceOf(basic.id))!;
  await port(PaymentGateway).offer({ ...basic, price: 35 });
  await world.database.query('update subscription_plans set price = 35 where id = $1', [basic.id]);
  return noted;
}

/** What `npm run stripe:sync-plans` does. */
const syncPlans = () => new OfferPlans(port(UnitOfWork), port(Plans), port(PaymentGateway)).execute();

async function onBusiness(): Promise<Subscriber> {
  const user = await world.signUp();
  await world.buy(user, 'business');
  return user;
}

const toCome = async ({ userId }: Subscriber): Promise<unknown> => {
  const rows = await world.database.query(
    `select plan.slug from user_subscriptions live join subscription_plans plan on plan.id = live.next_plan_id
     where live.user_id = $1 and live.status = 'active'`,
    [userId],
  );
  return rows[0]?.['slug'];
};

describe('while a plan is noted with a price that Stripe sells no longer', () => {
  const refused = { status: 503, body: { code: 'billing.price_replaced' } };

  it('nobody changes to it or buys it, until the prices are noted again', async () => {
    const [user, buyer] = [await onBusiness(), await world.signUp()];
    await replaceUnnoticed();
    expect(await user.choose('basic')).toMatchObject(refused);
    expect(await buyer.choose('basic')).toMatchObject(refused);
    expect(await toCome(user)).toBeUndefined();
    await syncPlans();
    expect((await user.choose('basic')).status).toBe(200);
    expect(await toCome(user)).toBe('basic');
    await world.buy(buyer, 'basic');
    const [bought] = world.stripe.liveSubscriptionsOf(await buyer.customerId());
    expect(bought?.items.data[0]?.price.unit_amount).toBe(3_500);
  });

  it('a change that meets the moment between the two takes the new one', async () => {
    const user = await onBusiness();
    const noted = await replaceUnnoticed();
    const path = `/v1/prices/${noted}`;
    world.stripe.order({ answer: { kind: 'slow', delayMs: 2_000 }, times: 1, method: 'GET', path });
    const answer = user.choose('basic');
    await waitFor(() => world.stripe.requestsTo('GET', path).length > 0, 'the old price is asked for');
    await syncPlans();
    expect((await answer).status).toBe(200);
    expect(await toCome(user)).toBe('basic');
    await world.pass({ days: 32 });
    const [live] = world.stripe.liveSubscriptionsOf(await user.customerId());
    expect(live?.items.data[0]?.price.unit_amount).toBe(3_500);
  });
});
