import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { startStripeSandbox, type StripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { FollowCustomer } from '../../src/modules/billing/application/follow-customer';
import { OfferPlans } from '../../src/modules/billing/application/offer-plans';
import { Customers } from '../../src/modules/billing/application/ports/customers.port';
import { ReconcilePayments } from '../../src/modules/billing/application/reconcile-payments';
import { RetireCustomer } from '../../src/modules/billing/application/retire-customer';
import { RetireLocalPayments } from '../../src/modules/billing/application/retire-local-payments';
import { SyncCustomer } from '../../src/modules/billing/application/sync-customer';
import { PaymentObjectMissing } from '../../src/modules/billing/domain/billing.errors';
import { offerPlans, PaidPlansWorld, type Subscriber, WEBHOOK_SECRET } from '../support/paid-plans-world';
import { visit } from '../support/payment-page';
import { keepOutput, makeSecret, recordEnvironment } from '../support/run-record';
import { type Answer, type Service, startService } from '../support/service';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

jest.setTimeout(120_000);
afterEach(() => jest.restoreAllMocks());

const KEY = makeSecret('sk_test_after_the_change');
const FREE_CALLS = 50;
const BASIC_CALLS = 500;

const said = (spy: jest.SpyInstance): string[] => spy.mock.calls.map(([message]) => String(message));
const urlOf = ({ body }: Answer): string => (body as { checkoutUrl: string }).checkoutUrl;

/** Somebody who does everything over HTTP, at whichever instance. */
class Customer {
  constructor(
    readonly userId: string,
    private readonly database: TestDatabase,
  ) {}

  async ask(service: Service, method: string, path: string, body?: unknown): Promise<Answer> {
    return service.request(method, path, { token: await service.token({ userId: this.userId }), body });
  }

  async choose(service: Service, slug: string): Promise<Answer> {
    const [plan] = await this.database.query<{ id: string }>(
      `select id from subscription_plans where slug = $1 and interval = 'monthly'`,
      [slug],
    );
    return this.ask(service, 'POST', '/v1/subscription', { planId: plan!.id });
  }

  /** Plan, limit and profile as they are now. */
  async state(service: Service): Promise<readonly unknown[]> {
    const { plan } = (await this.ask(service, 'GET', '/v1/subscription')).body as { plan?: { slug: string } };
    const { callsLimit } = (await this.ask(service, 'GET', '/v1/usage')).body as { callsLimit?: number };
    const [profile] = await this.database.query<{ status: string }>('select status from user_profiles where id = $1', [
      this.userId,
    ]);
    return [plan?.slug, callsLimit, profile!.status];
  }

  async row(): Promise<{ id: string; deleted: boolean }> {
    const [row] = await this.database.query<{ id: string; deleted: boolean }>(
      'select stripe_customer_id as id, deleted_at is not null as deleted from billing_customers where user_id = $1',
      [this.userId],
    );
    return row!;
  }
}

const pricesOf = async (database: TestDatabase): Promise<(string | null)[]> =>
  (
    await database.query<{ price: string | null }>(
      `select stripe_price_id as price from subscription_plans where slug <> 'free' order by 1`,
    )
  ).map(({ price }) => price);

async function runScript(script: string, environment: Readonly<Record<string, string>>, ...parameters: string[]) {
  recordEnvironment(environment);
  const hook = ['--require', './test/support/typescript-hook.cjs', `scripts/${script}.ts`, ...parameters];
  const child = spawn(process.execPath, hook, { env: environment });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  keepOutput(text);
  return { code, lines: text.trim().split('\n') };
}

describe('from the local page to Stripe', () => {
  let database: TestDatabase;
  let sandbox: StripeSandbox;
  let buyer: Customer;
  let visitor: Customer;
  let byHand: Customer;
  let environment: NodeJS.ProcessEnv & Record<string, string>;

  beforeEach(async () => {
    database = await createTestDatabase();
    sandbox = await startStripeSandbox({ apiKey: KEY, deliver: 'held' });
    environment = { STRIPE_SECRET_KEY: KEY, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_API_BASE_URL: sandbox.url };
    const people: Customer[] = [];
    for (let index = 0; index < 3; index += 1) people.push(new Customer(await database.createUser(), database));
    [buyer, visitor, byHand] = people as [Customer, Customer, Customer];
    await sellOnLocalPage();
  });
  afterEach(async () => {
    await sandbox.stop();
    await database.drop();
  });

  async function sellOnLocalPage(): Promise<void> {
    const local = await startService({ database, environment: { LOCAL_PAYMENTS: 'true' } });
    await (await visit(urlOf(await buyer.choose(local, 'basic')))).press('pay');
    await waitFor(async () => (await buyer.state(local))[0] === 'basic', 'the plan is bought');
    expect(await buyer.state(local)).toEqual(['basic', BASIC_CALLS, 'active']);
    await visitor.choose(local, 'free');
    await visitor.choose(local, 'basic');
    await byHand.choose(local, 'free');
    await database.query(
      `update user_subscriptions set plan_id = (select id from subscription_plans where slug = 'enterprise' limit 1)
        where user_id = $1`,
      [byHand.userId],
    );
    await local.stop();
    expect(await pricesOf(database)).toEqual(Array(6).fill(expect.stringMatching(/^local_price_/)));
  }

  it('ends at the start what nobody ever paid for, once, however many start', async () => {
    const warning = jest.spyOn(Logger.prototype, 'warn');
    const services = await Promise.all([1, 2].map(() => startService({ database, environment })));
    const [service, other] = services as [Service, Service];
    const retired = /^The local payment page was used before: (\d) of its customers .* and (\d) of its prices/;
    const counts = said(warning).flatMap((line) => retired.exec(line)?.slice(1).map(Number) ?? []);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2 + 6);
    expect(await buyer.state(service)).toEqual(['free', FREE_CALLS, 'active']);
    expect(await visitor.state(service)).toEqual(['free', FREE_CALLS, 'active']);
    expect((await byHand.state(service))[0]).toBe('enterprise');
    for (const someone of [buyer, visitor]) expect((await someone.row()).deleted).toBe(true);
    expect(await pricesOf(database)).toEqual(Array(6).fill(null));
    expect(await service.app.get(RetireLocalPayments).execute()).toEqual({ customers: 0, prices: 0 });

    expect(await buyer.choose(service, 'basic')).toMatchObject({ status: 503 });
    await offerPlans(service);
    for (const someone of [buyer, visitor]) {
      const page = urlOf(await someone.choose(other, 'basic'));
      await sandbox.act.payCheckout({ session: page });
      expect(await someone.row()).toEqual({ id: expect.stringMatching(/^cus_/), deleted: false });
      expect(await someone.choose(other, 'basic')).toMatchObject({ status: 200, body: { plan: { slug: 'basic' } } });
      expect(await someone.state(service)).toEqual(['basic', BASIC_CALLS, 'active']);
    }
    await Promise.all(services.map((one) => one.stop()));
  });

  it('ends it again after an instance with the page, which still ran, has brought it back', async () => {
    const local = await startService({ database, environment: { LOCAL_PAYMENTS: 'true' } });
    const stripe = await startService({ database, environment });
    expect((await buyer.state(stripe))[0]).toBe('free');
    await local.app.get(ReconcilePayments, { strict: false }).execute();
    expect((await buyer.state(stripe))[0]).toBe('basic');
    await local.stop();
    await stripe.app.get(ReconcilePayments, { strict: false }).execute();
    expect(await buyer.state(stripe)).toEqual(['free', FREE_CALLS, 'active']);
    expect((await buyer.row()).deleted).toBe(true);
    await stripe.stop();
  });

  it('ends it when the plans are brought to Stripe, too', async () => {
    const { code, lines } = await runScript('stripe-sync-plans', { DATABASE_URL: database.url, ...environment });
    expect([code, lines[0]]).toEqual([0, expect.stringContaining('Retired 2 customers of the local payment page')]);
    expect(await pricesOf(database)).toEqual(Array(6).fill(expect.stringMatching(/^price_/)));
    const rows = await database.query(
      `select plan.slug, live.status from user_subscriptions live join subscription_plans plan on plan.id = live.plan_id
        where live.user_id = $1 order by live.created_at`,
      [buyer.userId],
    );
    expect(rows.filter(({ status }) => status !== 'canceled')).toEqual([{ slug: 'free', status: 'active' }]);
    const again = await runScript('stripe-sync-plans', { DATABASE_URL: database.url, ...environment });
    expect(again.lines.some((line) => line.startsWith('Retired'))).toBe(false);
  });

  it('does not sell on the local page once Stripe has sold', async () => {
    const stripe = await startService({ database, environment });
    await offerPlans(stripe);
    await sandbox.act.payCheckout({ session: urlOf(await buyer.choose(stripe, 'basic')) });
    await buyer.choose(stripe, 'basic');
    await stripe.stop();
    const prices = await pricesOf(database);

    const error = jest.spyOn(Logger.prototype, 'error');
    const local = await startService({ database, environment: { LOCAL_PAYMENTS: 'true' } });
    expect(said(error)).toEqual([expect.stringContaining('the local payment page sells nothing')]);
    const unavailable = { status: 503, body: { code: 'billing.payments_unavailable' } };
    for (const someone of [buyer, visitor]) expect(await someone.choose(local, 'business')).toMatchObject(unavailable);
    expect(await buyer.ask(local, 'POST', '/v1/subscription/cancel')).toMatchObject(unavailable);
    expect(await buyer.state(local)).toEqual(['basic', BASIC_CALLS, 'active']);
    // Nor when both start at the same time, and the local page has looked before the prices came.
    await local.app.get(OfferPlans).execute();
    expect(await pricesOf(database)).toEqual(prices);
    await local.stop();
  });
});

describe('to another account of Stripe', () => {
  let world: PaidPlansWorld;
  let account: StripeSandbox;
  let service: Service;
  let user: Subscriber;
  let someone: Customer;
  let environment: Record<string, string>;

  beforeAll(async () => {
    world = await PaidPlansWorld.start({ deliver: 'held' });
    user = await world.signUp();
    await world.stripe.act.payCheckout({ session: urlOf(await user.choose('basic')) });
    await user.choose('basic');
    account = await startStripeSandbox({ apiKey: KEY, deliver: 'held', seed: 7 });
    environment = { STRIPE_SECRET_KEY: KEY, STRIPE_API_BASE_URL: account.url };
    service = await startService({
      database: world.database,
      environment: { ...environment, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET },
    });
    await offerPlans(service);
    someone = new Customer(user.userId, world.database);
    environment = { ...environment, DATABASE_URL: world.database.url };
  });
  afterAll(async () => {
    await service.stop();
    await account.stop();
    await world.stop();
  });

  const retireMissing = (...parameters: string[]) => runScript('stripe-retire-missing', environment, ...parameters);

  it('guesses nothing, and says which command helps', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    expect(await someone.choose(service, 'business')).toMatchObject({
      status: 409,
      body: { code: 'billing.payment_object_missing' },
    });
    expect(said(error).filter((line) => line.includes('npm run stripe:retire-missing'))).toHaveLength(1);
    expect(await someone.state(service)).toEqual(['basic', BASIC_CALLS, 'active']);
  });

  it('names every variable that is missing, and refuses what it does not know', async () => {
    expect(await runScript('stripe-retire-missing', {})).toEqual({
      code: 78,
      lines: ['DATABASE_URL: is required', 'STRIPE_SECRET_KEY: is required'],
    });
    expect(await retireMissing('--yes')).toEqual({ code: 64, lines: ['The only parameters are --confirm and --all.'] });
  });

  it('changes nothing while the key is refused or Stripe is away', async () => {
    const wrong = makeSecret('sk_test_wrong');
    const refused = await runScript('stripe-retire-missing', { ...environment, STRIPE_SECRET_KEY: wrong }, '--confirm');
    expect(refused.code).toBe(1);
    expect(refused.lines.join('\n')).not.toContain(wrong);
    account.order({ answer: { kind: 'error', status: 503 }, times: 'always' });
    expect((await retireMissing('--confirm')).code).toBe(1);
    account.withdrawOrders();
    expect(await someone.state(service)).toEqual(['basic', BASIC_CALLS, 'active']);
  });

  it('shows who is missing, ends that only when told to, and sells anew', async () => {
    const customerId = await user.customerId();
    const customers = service.app.get(Customers, { strict: false });
    const askedBefore = await customers.moment();
    const sync = service.app.get(SyncCustomer, { strict: false });
    await expect(sync.execute(customerId)).rejects.toThrow(PaymentObjectMissing);
    const shown = await retireMissing();
    expect(shown).toEqual({
      code: 0,
      lines: [
        `${customerId}: missing`,
        expect.stringMatching(/^1 of 1 customers.* Nothing was changed\. .*--confirm$/),
      ],
    });
    expect(await someone.state(service)).toEqual(['basic', BASIC_CALLS, 'active']);
    expect(await retireMissing('--confirm')).toEqual({
      code: 0,
      lines: [`${customerId}: missing, retired`, expect.stringMatching(/^1 of 1 customers .* retired/)],
    });
    expect(await someone.state(service)).toEqual(['free', FREE_CALLS, 'active']);

    // Events about the customer that are still to be worked off are done with.
    await sync.execute(customerId);
    // What was asked before, and is answered only now, brings nothing back.
    const subscriptions = await world.stripeGateway().subscriptionsOf(customerId, []);
    const late = { customerId, askedAt: askedBefore, subscriptions, isDeleted: false };
    await service.app.get(FollowCustomer, { strict: false }).execute(late);
    expect(await someone.state(service)).toEqual(['free', FREE_CALLS, 'active']);

    await account.act.payCheckout({ session: urlOf(await someone.choose(service, 'business')) });
    expect(await someone.choose(service, 'business')).toMatchObject({ status: 200 });
    expect((await someone.state(service))[0]).toBe('business');
    expect(await someone.row()).toEqual({ id: expect.stringMatching(/^cus_/), deleted: false });
    const { lines } = await retireMissing('--confirm');
    expect(lines).toEqual([expect.stringMatching(/^cus_\w+: there$/), '0 of 1 customers are not in this account.']);
  });

  it('retires nobody twice', async () => {
    const { id } = await someone.row();
    const retireCustomer = service.app.get(RetireCustomer, { strict: false });
    const both = await Promise.all([1, 2].map(() => retireCustomer.execute(id, () => true)));
    expect(both.sort()).toEqual([false, true]);
    expect(await retireCustomer.execute('cus_of_nobody', () => true)).toBe(false);
    expect(await someone.state(service)).toEqual(['free', FREE_CALLS, 'active']);
  });

  it('retires not everybody by one word, as a wrong key would', async () => {
    const ids = ['cus_of_the_old_account_1', 'cus_of_the_old_account_2'];
    for (const id of ids) {
      const userId = await world.database.createUser();
      await world.database.query('insert into billing_customers (user_id, stripe_customer_id) values ($1, $2)', [
        userId,
        id,
      ]);
    }
    const gone = () =>
      world.database.query(
        `select 1 from billing_customers where deleted_at is not null and stripe_customer_id like 'cus_of_the_old%'`,
      );
    expect(await retireMissing()).toMatchObject({ code: 0 });
    expect(await retireMissing('--confirm')).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^Not one of 2 customers .* wrong key.* Nothing was changed\. .*--confirm --all$/)],
    });
    expect(await gone()).toHaveLength(0);
    expect(await retireMissing('--confirm', '--all')).toEqual({
      code: 0,
      lines: [...ids.map((id) => `${id}: missing, retired`), expect.stringMatching(/^2 of 2 customers .* retired/)],
    });
    expect(await gone()).toHaveLength(2);
  });
});

describe('customers who were retired by mistake', () => {
  let world: PaidPlansWorld;
  let user: Subscriber;
  let customer: string;

  beforeAll(async () => {
    world = await PaidPlansWorld.start();
  });
  afterAll(() => world.stop());
  beforeEach(async () => {
    user = await world.signUp();
    await world.buy(user, 'business');
    customer = await user.customerId();
    await world.service.app.get(RetireCustomer, { strict: false }).execute(customer, () => true);
    expect(await plan()).toBe('free');
  });

  const plan = async () => ((await user.get('/v1/subscription')).body as { plan?: { slug: string } }).plan?.slug;
  const reconcile = async () => {
    await world.service.app.get(ReconcilePayments, { strict: false }).execute();
    await world.settled();
  };
  const openPortal = () => user.post('/v1/subscription/portal', { returnUrl: 'https://example.com' });

  it('have everything again when the account that has them is back', async () => {
    expect((await openPortal()).status).toBe(404);
    await reconcile();
    expect(await plan()).toBe('business');
    expect((await openPortal()).status).toBe(200);
    expect(await user.post('/v1/subscription/cancel')).toMatchObject({
      status: 200,
      body: { cancelAtPeriodEnd: true },
    });
  });

  it('pay once when they have bought anew before that', async () => {
    await world.buy(user, 'basic');
    const second = await user.customerId();
    expect(second).not.toBe(customer);
    const error = jest.spyOn(Logger.prototype, 'error');
    await reconcile();
    expect([customer, second].map((id) => world.stripe.liveSubscriptionsOf(id).length)).toEqual([0, 1]);
    expect(said(error)).toEqual([expect.stringMatching(`${customer} is ended .* refund`)]);
    expect(await plan()).toBe('basic');
    await reconcile();
    expect(await user.customerId()).toBe(second);
  });

  it('are the same as before when they have only looked at a page to buy anew', async () => {
    const page = urlOf(await user.choose('basic'));
    expect(await user.customerId()).not.toBe(customer);
    await reconcile();
    expect(await user.customerId()).toBe(customer);
    expect(await plan()).toBe('business');
    expect(world.stripe.sessions.find(({ id }) => page.includes(id))?.status).toBe('expired');
    expect((await openPortal()).status).toBe(200);
  });
});

describe('when nobody confirms any more', () => {
  let world: PaidPlansWorld;

  beforeAll(async () => {
    world = await PaidPlansWorld.start();
  });
  afterAll(() => world.stop());

  it('grants a plan for a week after its period, then the free one, and the plan again once it is confirmed', async () => {
    const user = await world.signUp();
    await world.buy(user, 'basic');
    const yearly = await world.signUp();
    await world.buy(yearly, 'basic yearly');
    const limitOf = async ({ get }: Subscriber) => ((await get('/v1/usage')).body as { callsLimit: number }).callsLimit;
    world.stripe.hold();
    const seen: number[] = [];
    for (const days of [30, 6, 4]) {
      await world.pass({ days });
      seen.push(await limitOf(user));
    }
    expect(seen).toEqual([BASIC_CALLS, BASIC_CALLS, FREE_CALLS]);
    expect(await limitOf(yearly)).toBe(BASIC_CALLS);
    expect(await world.profileStatus(user)).toBe('active');
    world.stripe.release();
    await world.settled();
    expect(await limitOf(user)).toBe(BASIC_CALLS);
  });
});
