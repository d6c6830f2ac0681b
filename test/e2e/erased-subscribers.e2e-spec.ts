import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Plans } from '../../src/modules/billing/application/ports/plans.port';
import { Subscriptions } from '../../src/modules/billing/application/ports/subscriptions.port';
import { PaymentsUnavailable } from '../../src/modules/billing/domain/billing.errors';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { PaidPlansWorld, type Subscriber } from '../support/paid-plans-world';

describe('erasing a user who buys in that very moment', () => {
  let world: PaidPlansWorld;

  beforeAll(async () => {
    world = await PaidPlansWorld.start();
  });
  afterAll(() => world.stop());
  afterEach(() => {
    world.stripe.withdrawOrders();
    jest.restoreAllMocks();
  });

  const erase = async ({ userId }: Subscriber) => {
    const token = await world.service.token({ userId: randomUUID(), admin: true });
    return world.service.request('DELETE', `/v1/admin/users/${userId}/data`, { token });
  };
  /** What is left that leads from the user to the payment side. */
  const traces = ({ userId }: Subscriber) =>
    world.database.query(
      `select 'customer' as trace from billing_customers where user_id = $1
       union all select 'page' from billing_checkouts where user_id = $1
       union all select 'subscription' from user_subscriptions where user_id = $1`,
      [userId],
    );
  const openPages = (customer: unknown) =>
    world.stripe.sessions.filter((session) => session.customer === customer && session.status === 'open');
  /** Erases the user when Stripe has done what a choice asked it for, and tells how the choice ended. */
  const chooseWhileErased = async (user: Subscriber, duty: 'createCustomer' | 'openCheckout') => {
    const gateway = world.stripeGateway();
    const original = gateway[duty].bind(gateway) as (...given: unknown[]) => Promise<never>;
    const erasing = jest.spyOn(gateway, duty).mockImplementationOnce(async (...given: unknown[]) => {
      const answer = await original(...given);
      expect((await erase(user)).status).toBe(204);
      return answer;
    });
    const choice = await user.choose('basic');
    expect(erasing).toHaveBeenCalled();
    return choice;
  };
  /** Somebody who is just changing what the user has. @returns what ends it */
  const changing = ({ userId }: Subscriber) => {
    const { app } = world.service;
    const unitOfWork = app.get(UnitOfWork, { strict: false });
    return holdOpen({ run: (work) => unitOfWork.run(work) }, () =>
      app.get(Subscriptions, { strict: false }).lockFor(userId),
    );
  };

  it('makes nobody a customer, and tells a person of the one that was made', async () => {
    const warning = jest.spyOn(Logger.prototype, 'warn');
    const user = await world.signUp();
    const answer = await chooseWhileErased(user, 'createCustomer');
    expect(answer).toMatchObject({ status: 404 });
    expect(await traces(user)).toEqual([]);
    expect(warning).toHaveBeenCalledWith(
      expect.stringMatching(/Customer cus_\w+ was made for a user who is being erased/),
    );
  });

  it('closes the page that was being opened', async () => {
    const user = await world.signUp();
    const answer = await chooseWhileErased(user, 'openCheckout');
    expect(answer).toMatchObject({ status: 404 });
    expect(await traces(user)).toEqual([]);
    expect(openPages(world.stripe.sessions.at(-1)?.customer)).toEqual([]);
    expect(world.stripe.sessions.at(-1)?.status).toBe('expired');
  });

  it('closes the page that was open, though nothing was bought yet', async () => {
    const user = await world.signUp();
    expect((await user.choose('basic')).status).toBe(200);
    const customer = await user.customerId();
    expect(openPages(customer)).toHaveLength(1);
    expect((await erase(user)).status).toBe(204);
    expect(openPages(customer)).toEqual([]);
    expect(await traces(user)).toEqual([]);
  });

  it('closes pages before anything is forgotten, and those of the meantime before it answers', async () => {
    const user = await world.signUp();
    await user.choose('basic');
    const customer = await user.customerId();
    const [page] = openPages(customer);
    const change = await changing(user);
    const erased = erase(user);
    await waitUntilBlocked(world.database, 1);
    expect(openPages(customer)).toEqual([]);
    expect(await traces(user)).not.toEqual([]);
    await world.stripeGateway().openCheckout({
      operationId: randomUUID(),
      customerId: customer,
      userId: user.userId,
      priceId: (await world.service.app.get(Plans, { strict: false }).priceOf(world.planId('basic')))!,
      trialDays: 0,
      successUrl: 'https://app.example.test/bought',
      cancelUrl: 'https://app.example.test/plans',
    });
    expect(openPages(customer)).toHaveLength(1);
    expect(openPages(customer)).not.toEqual([page]);
    await change('commit');
    expect((await erased).status).toBe(204);
    expect(openPages(customer)).toEqual([]);
  });

  it('is not held up by a payment side that does not answer, and tells a person', async () => {
    const warning = jest.spyOn(Logger.prototype, 'warn');
    const user = await world.signUp();
    await user.choose('basic');
    const gateway = world.stripeGateway();
    jest.spyOn(gateway, 'closeCheckouts').mockRejectedValue(new PaymentsUnavailable());
    expect((await erase(user)).status).toBe(204);
    expect(await traces(user)).toEqual([]);
    expect(warning).toHaveBeenCalledWith(
      expect.stringMatching(/customer cus_\w+ is being erased/),
      expect.any(PaymentsUnavailable),
    );
  });

  it('waits for whoever changes what the user has', async () => {
    const user = await world.signUp();
    const change = await changing(user);
    const erased = erase(user);
    await waitUntilBlocked(world.database, 1);
    await change('commit');
    expect((await erased).status).toBe(204);
  });
});
