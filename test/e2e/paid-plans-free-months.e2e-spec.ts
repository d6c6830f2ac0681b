import { UsageLedger } from '../../src/modules/billing/public/usage-ledger.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { createAttempt, createVendorAccount, type VendorAccount } from '../support/attempt-rows';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';

let world: PaidPlansWorld;
let account: VendorAccount;
beforeAll(async () => {
  world = await PaidPlansWorld.start();
  account = await createVendorAccount(world.database);
});
afterAll(() => world.stop());

async function reserve({ userId }: Subscriber, minutes: number): Promise<void> {
  const attempt = await createAttempt(world.database, account, userId);
  const { app } = world.service;
  const ledger = app.get(UsageLedger, { strict: false });
  await app.get(UnitOfWork, { strict: false }).run(() => ledger.reserve([{ ...attempt, userId, minutes }]));
}

const usage = async (user: Subscriber) => (await user.get('/v1/usage')).body as Record<string, unknown>;

describe('the free months after a paid plan', () => {
  afterEach(() => {
    world.stripe.release();
  });

  it('are the same before and after Stripe has told that the paid one is over', async () => {
    const user = await world.signUp();
    await world.buy(user, 'basic');
    await user.choose('free');
    world.stripe.hold();
    await world.pass({ days: 32 });
    await reserve(user, 30);
    const untold = await usage(user);
    expect((await user.get('/v1/subscription')).body).toMatchObject({ plan: { slug: 'basic' } });
    expect(untold).toMatchObject({ callsLimit: 50, minutesReserved: 30, minutesRemaining: 70 });
    world.stripe.release();
    await world.settled();
    expect((await user.get('/v1/subscription')).body).toMatchObject({ plan: { slug: 'free' } });
    expect(await usage(user)).toEqual(untold);
  });

  it('are those from before when the paid plan is ended early', async () => {
    const user = await world.signUp();
    await user.choose('free');
    await reserve(user, 40);
    const before = await usage(user);
    await world.buy(user, 'basic');
    expect(await usage(user)).toMatchObject({ callsLimit: 500, minutesReserved: 0 });
    const customer = await user.customerId();
    const bought = world.stripe.subscriptions.find((subscription) => subscription.customer === customer);
    await world.stripe.act.dashboardCancelNow({ subscription: bought?.id ?? '' });
    await world.settled();
    await user.choose('free');
    expect(await usage(user)).toEqual(before);
  });

  it.each(['at once', 'after a while'])('go on with the month in which the grace lapsed, chosen %s', async (when) => {
    const user = await world.signUp();
    await user.choose('free');
    await reserve(user, 100);
    await world.pass({ days: 10 });
    await world.buy(user, 'basic');
    const customer = await user.customerId();
    await world.stripe.act.setCard({ customer, card: 'declines' });
    await world.pass({ days: 32 });
    await world.pass({ days: 8 });
    expect(await usage(user)).toMatchObject({ callsLimit: 50, minutesRemaining: 100 });
    await reserve(user, 100);
    await world.stripe.act.portalCancel({ customer, when: 'now' });
    await world.settled();
    expect((await user.get('/v1/subscription')).status).toBe(404);
    if (when === 'after a while') await world.pass({ days: 3 });
    await user.choose('free');
    expect(await usage(user)).toMatchObject({ callsLimit: 50, minutesReserved: 100, minutesRemaining: 0 });
    // Leaving and coming back changes nothing, and the next month comes in its time.
    await user.post('/v1/subscription/cancel');
    await user.choose('free');
    expect(await usage(user)).toMatchObject({ minutesRemaining: 0 });
    await world.pass({ days: 31 });
    expect(await usage(user)).toMatchObject({ callsLimit: 50, minutesRemaining: 100 });
  });
});
