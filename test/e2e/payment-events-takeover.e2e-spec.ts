import { ProcessPaymentEvents } from '../../src/modules/billing/application/process-payment-events';
import { Instance } from '../fault/instance';
import { PaidPlansWorld, STRIPE_KEY, type Subscriber, WEBHOOK_SECRET } from '../support/paid-plans-world';
import { recordEnvironment } from '../support/run-record';
import { CREDENTIALS_KEYS, freePort, JWT_SECRET, type Service } from '../support/service';
import { waitFor } from '../support/wait-for';

const QUESTION = { method: 'GET', path: '/v1/subscriptions' } as const;

let world: PaidPlansWorld;
/** From the build, in a process of its own. */
let doomed: Instance | undefined;

beforeAll(async () => {
  world = await PaidPlansWorld.start();
  // It has offered the plans; whoever works off events from here on is started by the test.
  await world.service.app.close();
});
afterAll(async () => {
  await doomed?.kill();
  await world.stop();
});

const rowOf = async (id: string) => {
  const [row] = await world.database.query<{ status: string; attempts: number; is_leased: boolean }>(
    `select status, attempts, next_attempt_at > clock_timestamp() as is_leased from stripe_events where id = $1`,
    [id],
  );
  return row;
};
const questionsAbout = (customer: string) =>
  world.stripe
    .requestsTo(QUESTION.method, QUESTION.path)
    .filter(({ params }) => (params as { customer?: string }).customer === customer);
const planOf = async (user: Subscriber): Promise<unknown> =>
  ((await user.get('/v1/subscription')).body as { plan?: { slug: string } }).plan?.slug;

async function startDoomed(): Promise<Instance> {
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: world.database.url,
    PORT: String(await freePort()),
    SUPABASE_JWT_SECRET: JWT_SECRET,
    CREDENTIALS_KEYS,
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_BASE_URL: world.stripe.url,
  };
  recordEnvironment(environment);
  return Instance.start(environment);
}

/** An instance that has nothing from comparing: what it knows it has from events. */
async function startBlind(): Promise<Service> {
  world.stripe.order({ answer: { kind: 'error', status: 400 }, times: 'always', ...QUESTION });
  const asked = world.stripe.requestsTo(QUESTION.method, QUESTION.path).length;
  const instance = await world.startInstance({ PUBLIC_URL: '' });
  await waitFor(
    () => world.stripe.requestsTo(QUESTION.method, QUESTION.path).length > asked,
    'the instance has compared in vain',
  );
  world.stripe.withdrawOrders();
  return instance;
}

it('events of an instance that is killed are taken over by one other, once their lease is over', async () => {
  doomed = await startDoomed();
  world.stripe.setWebhook({ url: `${doomed.url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET });
  world.stripe.hold();
  const user = await world.signUp({ ...world.service, request: (...request) => doomed!.request(...request) });
  const { checkoutUrl } = (await user.choose('basic')).body as { checkoutUrl: string };
  const customer = await user.customerId();
  await world.stripe.act.payCheckout({ session: checkoutUrl });
  const { id } = world.stripe.eventsOf('customer.subscription.created').at(-1)!;
  world.stripe.order({ answer: { kind: 'hang' }, times: 'always', ...QUESTION });
  const before = questionsAbout(customer).length;
  expect(await world.stripe.deliver(id)).toBe(200);
  await waitFor(() => questionsAbout(customer).length > before, 'the instance asks about the customer');
  await doomed.kill();
  world.stripe.withdrawOrders();
  expect(await rowOf(id)).toEqual({ status: 'received', attempts: 1, is_leased: true });

  const [one, other] = [await startBlind(), await startBlind()];
  const heir = await world.subscriber(user.userId, one);
  const asked = questionsAbout(customer).length;
  const events = [one, other].map(async ({ url }, number) => {
    world.stripe.setWebhook({ url: `${url}/v1/webhooks/stripe`, secret: WEBHOOK_SECRET });
    const { customer: stranger } = await world.stripe.subscriber({
      price: (await world.stripe.price({ lookupKey: `tea_${number}`, amount: 900, interval: 'month' })).id,
    });
    return { stranger, event: world.stripe.events.at(-1)!, url };
  });
  for (const { event, url } of await Promise.all(events)) {
    expect(await world.stripe.deliver(event.id, { url: `${url}/v1/webhooks/stripe` })).toBe(200);
    await waitFor(async () => (await rowOf(event.id))?.status === 'processed', 'the instance works off events');
  }
  expect(await rowOf(id)).toEqual({ status: 'received', attempts: 1, is_leased: true });
  expect(await planOf(heir)).toBeUndefined();

  await world.database.query('update stripe_events set next_attempt_at = clock_timestamp() where id = $1', [id]);
  const look = ({ app }: Service) => app.get(ProcessPaymentEvents, { strict: false }).execute();
  await Promise.all([look(one), look(other), look(one), look(other)]);
  await waitFor(async () => (await rowOf(id))?.status === 'processed', 'another instance takes over', 20_000);
  expect(await rowOf(id)).toMatchObject({ status: 'processed', attempts: 2 });
  expect(questionsAbout(customer)).toHaveLength(asked + 1);
  expect(await planOf(heir)).toBe('basic');
});
