import { startStripeSandbox, type StripeSandbox, type StripeSandboxOptions } from '../../sandbox/stripe/stripe-sandbox';
import { OfferPlans } from '../../src/modules/billing/application/offer-plans';
import { PaymentGateway } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { Plans } from '../../src/modules/billing/application/ports/plans.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { makeClockMovable, type MovableClock } from './movable-clock';
import { type Answer, type Service, type ServiceOptions, startService } from './service';
import { createTestDatabase, type TestDatabase } from './test-database';
import { waitFor } from './wait-for';

export const STRIPE_KEY = 'sk_test_of_the_whole_suite';
export const WEBHOOK_SECRET = 'whsec_of_the_whole_suite';
const DAY_MS = 86_400_000;

interface PlanView {
  readonly id: string;
  readonly slug: string;
  readonly interval: string;
}

interface Parts {
  readonly database: TestDatabase;
  readonly stripe: StripeSandbox;
  readonly service: Service;
  readonly clock: MovableClock;
  readonly plans: readonly PlanView[];
}

/** A user, and what the user asks for. */
export interface Subscriber {
  readonly userId: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Chooses a plan, as `basic` or `basic yearly`. */
  choose(plan: string, headers?: Record<string, string>): Promise<Answer>;
  customerId(): Promise<string>;
}

/** The service with Stripe's stand-in behind it; the time of both can be moved, together. */
export class PaidPlansWorld {
  private aheadMs = 0;
  private readonly further: Service[] = [];

  readonly database: TestDatabase;
  readonly stripe: StripeSandbox;
  readonly service: Service;
  private readonly clock: MovableClock;
  private readonly plans: readonly PlanView[];

  private constructor(parts: Parts) {
    this.database = parts.database;
    this.stripe = parts.stripe;
    this.service = parts.service;
    this.clock = parts.clock;
    this.plans = parts.plans;
  }

  static async start(options: Partial<StripeSandboxOptions> = {}): Promise<PaidPlansWorld> {
    const database = await createTestDatabase();
    const clock = await makeClockMovable(database);
    const stripe = await startStripeSandbox({ apiKey: STRIPE_KEY, ...options });
    const service = await startService(settingsFor(database, stripe));
    stripe.setWebhook({ url: `${service.url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET });
    await offerPlans(service);
    const { items } = (await service.request('GET', '/v1/plans')).body as { items: PlanView[] };
    return new PaidPlansWorld({ database, stripe, service, clock, plans: items });
  }

  /** A second instance of the same service: one database, one address. */
  async startInstance(environment: NodeJS.ProcessEnv = {}): Promise<Service> {
    const settings = settingsFor(this.database, this.stripe);
    const own = { ...settings.environment, PUBLIC_URL: this.service.url, ...environment };
    const instance = await startService({ ...settings, environment: own });
    this.further.push(instance);
    return instance;
  }

  async stop(): Promise<void> {
    for (const instance of this.further) await instance.stop();
    await this.service.stop();
    await this.stripe.stop();
    await this.database.drop();
  }

  stripeGateway(): PaymentGateway {
    return this.service.app.get(PaymentGateway, { strict: false });
  }

  planId(plan: string): string {
    const [slug, interval = 'monthly'] = plan.split(' ');
    const found = this.plans.find((candidate) => candidate.slug === slug && candidate.interval === interval);
    if (!found) throw new Error(`There is no plan ${plan}`);
    return found.id;
  }

  async signUp(service: Service = this.service): Promise<Subscriber> {
    return this.subscriber(await this.database.createUser(), service);
  }

  /** The same user, at another instance. */
  async subscriber(userId: string, service: Service = this.service): Promise<Subscriber> {
    const token = await service.token({ userId });
    const post: Subscriber['post'] = (path, body, headers = {}) =>
      service.request('POST', path, { token, headers, ...(body !== undefined && { body }) });
    return {
      userId,
      get: (path) => service.request('GET', path, { token }),
      post,
      choose: (plan, headers) => post('/v1/subscription', { planId: this.planId(plan) }, headers),
      customerId: () => this.customerOf(userId),
    };
  }

  /** Chooses a plan and pays for it. */
  async buy(user: Subscriber, plan: string): Promise<void> {
    const answer = await user.choose(plan);
    const { checkoutUrl } = answer.body as { checkoutUrl?: string };
    if (!checkoutUrl) throw new Error(`Nothing to pay: ${JSON.stringify(answer.body)}`);
    await this.stripe.act.payCheckout({ session: checkoutUrl });
    await this.settled();
  }

  /** Lets time pass, for us and for Stripe, and everything be told and worked off that happens on the way. */
  async pass({ days }: { readonly days: number }): Promise<void> {
    this.aheadMs += days * DAY_MS;
    await this.clock.moveTo(this.aheadMs);
    await this.stripe.clock.advance({ days });
    await this.settled();
  }

  /** Waits until what Stripe has told is worked off, and what it tells because of that. */
  async settled(timeoutMs = 30_000): Promise<void> {
    let told: number;
    do {
      told = this.stripe.events.length;
      await this.stripe.settled();
      await waitFor(async () => (await this.waiting()) === 0, 'all events are worked off', timeoutMs);
    } while (this.stripe.events.length > told);
  }

  async waiting(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `select count(*)::integer as count from stripe_events where status <> 'processed'`,
    );
    return row?.count ?? 0;
  }

  async profileStatus({ userId }: Subscriber): Promise<string> {
    const [profile] = await this.database.query<{ status: string }>('select status from user_profiles where id = $1', [
      userId,
    ]);
    return profile?.status ?? 'none';
  }

  async customerOf(userId: string): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      'select stripe_customer_id as id from billing_customers where user_id = $1',
      [userId],
    );
    if (!row) throw new Error('The user is no customer');
    return row.id;
  }
}

function settingsFor(
  database: TestDatabase,
  stripe: StripeSandbox,
): ServiceOptions & { environment: NodeJS.ProcessEnv } {
  return {
    database,
    environment: {
      STRIPE_SECRET_KEY: STRIPE_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      STRIPE_API_BASE_URL: stripe.url,
    },
  };
}

/** What `npm run stripe:sync-plans` does. */
export async function offerPlans({ app }: Service): Promise<void> {
  const [unitOfWork, plans, payments] = [UnitOfWork, Plans, PaymentGateway].map((port) =>
    app.get<never>(port as never, { strict: false }),
  );
  await new OfferPlans(unitOfWork as never, plans as never, payments as never).execute();
}
