import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { SyncCustomer } from '../../src/modules/billing/application/sync-customer';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';
import { paymentTools } from '../support/payment-tools';
import { waitFor } from '../support/wait-for';

let world: PaidPlansWorld;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
});
afterAll(() => world.stop());
afterEach(() => world.stripe.withdrawOrders());

const { buyer, planOf, limitsOf, lastEvent, subscriptionOf, reconcile, stored, post } = paymentTools(() => world);

describe('a customer', () => {
  describe('whose user is erased', () => {
    const CANCEL = { method: 'DELETE', path: '^/v1/subscriptions/.*$' } as const;

    /** Erases the user. @returns the customer, and its subscription */
    async function erase(user: Subscriber): Promise<{ customer: string; subscription: string }> {
      const known = { customer: await user.customerId(), subscription: await subscriptionOf(user) };
      await world.database.query('delete from auth.users where id = $1', [user.userId]);
      return known;
    }

    async function expectEnded({ customer, subscription }: Awaited<ReturnType<typeof erase>>): Promise<void> {
      await world.settled();
      expect(world.stripe.liveSubscriptionsOf(customer)).toEqual([]);
      const rows = await world.database.query(
        'select user_id, status, stripe_status as word from user_subscriptions where stripe_sub_id = $1',
        [subscription],
      );
      expect(rows).toEqual([{ user_id: null, status: 'canceled', word: 'canceled' }]);
    }

    it('pays no more: the subscription is ended, the books are kept, and a person is told', async () => {
      const known = await erase(await buyer());
      const warning = jest.spyOn(Logger.prototype, 'warn');
      await world.stripe.act.portalUpdatePaymentMethod({ customer: known.customer });
      await expectEnded(known);
      expect(warning).toHaveBeenCalledWith(expect.stringMatching(`${known.subscription}.*has been ended`));
    });

    it('pays no more also when no event tells of it', async () => {
      const known = await erase(await buyer());
      await reconcile();
      await expectEnded(known);
    });

    it.each(['dashboardPause', 'portalCancel'] as const)('is not charged again after %s either', async (act) => {
      const user = await buyer();
      const known = await erase(user);
      if (act === 'portalCancel') await world.stripe.act.portalCancel({ customer: known.customer });
      else await world.stripe.act.dashboardPause({ subscription: known.subscription });
      await expectEnded(known);
    });

    it('has ended also where a slow answer of before comes after that', async () => {
      const known = await erase(await buyer());
      const sync = world.service.app.get(SyncCustomer, { strict: false });
      const path = '/v1/subscriptions';
      world.stripe.order({ answer: { kind: 'slow', delayMs: 1_500 }, times: 1, method: 'GET', path });
      const asked = world.stripe.requests.length;
      const slow = sync.execute(known.customer);
      await waitFor(() => world.stripe.requests.length > asked, 'the slow question has come');
      await sync.execute(known.customer);
      await sync.execute(known.customer);
      await slow;
      await expectEnded(known);
    });

    it('is tried again when the subscription could not be ended', async () => {
      const known = await erase(await buyer());
      world.stripe.order({ answer: { kind: 'error', status: 503 }, times: 'always', ...CANCEL });
      await reconcile();
      expect(world.stripe.liveSubscriptionsOf(known.customer)).toHaveLength(1);
      world.stripe.withdrawOrders();
      await reconcile();
      await expectEnded(known);
      await reconcile();
      const ended = world.stripe.requests.filter(
        ({ method, path }) => method === 'DELETE' && path.endsWith(known.subscription),
      );
      expect(ended.filter(({ answeredStatus }) => answeredStatus === 200)).toHaveLength(1);
    });
  });

  describe('of many whose users are gone at the same time', () => {
    const MANY = 6;

    it('goes on, because the database may be a copy, and a person is told once', async () => {
      const users = await Promise.all(Array.from({ length: MANY }, () => buyer()));
      const customers = await Promise.all(users.map((user) => user.customerId()));
      await world.database.query('delete from auth.users where id = any($1)', [users.map(({ userId }) => userId)]);
      const error = jest.spyOn(Logger.prototype, 'error');
      const live = () => customers.filter((customer) => world.stripe.liveSubscriptionsOf(customer).length === 1);
      for (let round = 0; round < 2; round += 1) await reconcile();
      await world.settled();
      expect(live()).toHaveLength(MANY);
      const told = error.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('Subscriptions page'));
      expect(told).toEqual([expect.stringMatching(`^${String(MANY)} paid subscriptions .* copy .* another one`)]);

      // The few that are left when a person has ended the others are ended.
      const [first] = world.stripe.liveSubscriptionsOf(customers[0]!);
      await world.stripe.act.dashboardCancelNow({ subscription: first!.id });
      await world.settled();
      await reconcile();
      await world.settled();
      expect(live()).toEqual([]);
    });
  });

  describe('whose user was erased and is there again under the same id', () => {
    async function comeAgain(): Promise<{ user: Subscriber; customer: string; subscription: string }> {
      const user = await buyer('business');
      const known = { customer: await user.customerId(), subscription: await subscriptionOf(user) };
      await world.database.query('delete from auth.users where id = $1', [user.userId]);
      await world.database.createUser({ id: user.userId });
      return { user, ...known };
    }

    it('has the plan that is still paid for', async () => {
      const { user, customer } = await comeAgain();
      await world.service.app.get(SyncCustomer, { strict: false }).execute(customer);
      expect(await planOf(user)).toBe('business');
      expect(await user.customerId()).toBe(customer);
      expect(await world.profileStatus(user)).toBe('active');
      expect(await user.choose('business')).toMatchObject({ status: 200 });
    });

    it('is told to a person, not ended, when the user is another customer already', async () => {
      const { user, subscription } = await comeAgain();
      await world.database.query('insert into billing_customers (user_id, stripe_customer_id) values ($1, $2)', [
        user.userId,
        `cus_of_the_second_time_${randomUUID()}`,
      ]);
      const error = jest.spyOn(Logger.prototype, 'error');
      await reconcile();
      await world.settled();
      expect(world.stripe.subscriptions.find(({ id }) => id === subscription)?.status).toBe('active');
      expect(error).toHaveBeenCalledWith(expect.stringContaining('end it at the payment side'));
      await world.stripe.act.dashboardCancelNow({ subscription });
      await world.settled();
    });
  });

  it('whose user is erased can buy on no page that was open', async () => {
    const user = await buyer();
    await world.stripe.act.dashboardCancelNow({ subscription: await subscriptionOf(user) });
    await world.settled();
    const { checkoutUrl } = (await user.choose('business')).body as { checkoutUrl: string };
    const page = () => world.stripe.sessions.find(({ id }) => checkoutUrl.includes(id))?.status;
    expect(page()).toBe('open');
    await world.database.query('delete from auth.users where id = $1', [user.userId]);
    await reconcile();
    expect(page()).toBe('expired');
  });

  it('who pays for what was never recorded is told to a person, and left alone', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    const price = await priceOf('basic');
    const { customer } = await world.stripe.subscriber({ price, metadata: { user_id: randomUUID() } });
    await world.settled();
    expect(error).toHaveBeenCalledWith(expect.stringContaining(customer.id));
    expect(world.stripe.liveSubscriptionsOf(customer.id)).toHaveLength(1);
  });

  it('whom neither side knows is asked about once', async () => {
    const warning = jest.spyOn(Logger.prototype, 'warn');
    const customer = `cus_of_nobody_${randomUUID()}`;
    const object = { object: 'invoice', id: 'in_1', customer };
    await post({ ...lastEvent(), id: 'evt_of_nobody', type: 'invoice.paid', data: { object } });
    await world.settled();
    expect(await stored('evt_of_nobody')).toMatchObject({ status: 'processed', attempts: 1 });
    expect(warning.mock.calls.filter(([text]) => String(text).includes(customer))).toHaveLength(1);
  });

  it('of ours whom Stripe does not know keeps the plan, and an alarm goes on', async () => {
    const user = await buyer();
    const error = jest.spyOn(Logger.prototype, 'error');
    const customer = `cus_of_another_account_${randomUUID()}`;
    await world.database.query('update billing_customers set stripe_customer_id = $1 where user_id = $2', [
      customer,
      user.userId,
    ]);
    const object = { object: 'invoice', id: 'in_1', customer };
    await post({ ...lastEvent(), id: 'evt_of_another_account', type: 'invoice.paid', data: { object } });
    await waitFor(
      async () => (await stored('evt_of_another_account'))?.['status'] === 'failed',
      'the event has been tried in vain',
    );
    expect(await planOf(user)).toBe('basic');
    expect(await limitsOf(user)).toMatchObject({ callsLimit: 500 });
    expect(error).toHaveBeenCalledWith(expect.stringContaining(customer));
    await reconcile();
    expect(await planOf(user)).toBe('basic');
    await world.database.query(`delete from stripe_events where id = 'evt_of_another_account'`);
    await world.database.query('delete from auth.users where id = $1', [user.userId]);
  });

  it('whom we have forgotten, and whose subscription names a user without another one, is that user’s', async () => {
    const user = await world.signUp();
    const price = await priceOf('basic');
    const { customer } = await world.stripe.subscriber({ price, metadata: { user_id: user.userId } });
    await world.settled();
    expect(await user.customerId()).toBe(customer.id);
    expect(await planOf(user)).toBe('basic');
  });

  it('who would be the second one of a user changes nothing, and a person is told', async () => {
    const user = await buyer();
    const known = await user.customerId();
    const error = jest.spyOn(Logger.prototype, 'error');
    const price = await priceOf('business');
    const { customer } = await world.stripe.subscriber({ price, metadata: { user_id: user.userId } });
    await world.settled();
    expect(await user.customerId()).toBe(known);
    expect(await planOf(user)).toBe('basic');
    expect(error).toHaveBeenCalledWith(expect.stringContaining(customer.id));
  });

  it('of somebody else’s business is left alone', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    const price = await world.stripe.price({ lookupKey: 'a_mug_a_month', amount: 900, interval: 'month' });
    await world.stripe.subscriber({ price: price.id });
    await world.settled();
    expect(error).not.toHaveBeenCalledWith(expect.stringMatching(/ended|end it/));
    expect(world.stripe.subscriptions.at(-1)?.status).toBe('active');
  });

  it('who is deleted loses the plan, and is replaced by the next purchase', async () => {
    const user = await buyer();
    const customer = await user.customerId();
    await world.stripe.act.dashboardDeleteCustomer({ customer });
    await world.settled();
    expect(await planOf(user)).toBeUndefined();
    expect(await world.profileStatus(user)).toBe('inactive');
    expect((await user.post('/v1/subscription/portal', { returnUrl: 'https://example.com' })).status).toBe(404);
    await world.buy(user, 'business');
    expect(await planOf(user)).toBe('business');
    expect(await user.customerId()).not.toBe(customer);
  });
});

async function priceOf(slug: string): Promise<string> {
  const [plan] = await world.database.query<{ id: string }>(
    `select stripe_price_id as id from subscription_plans where slug = $1 and interval = 'monthly'`,
    [slug],
  );
  return plan?.id ?? '';
}
