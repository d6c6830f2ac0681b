import type { ApiClient } from './api-client';
import type { Choice, Plan, Subscription, Usage } from './api-types';
import type { Customer } from './order-calls';
import { pressButton } from './payment-page';
import { pollUntil } from './poll-until';
import type { Screen } from './screen';
import type { World } from './world';

/** The payment page tells the service, which then looks at what was bought. */
const FOLLOW_TIMEOUT_MS = 15_000;

/** What came of it. */
export interface Move {
  /** The page where the user manages what was bought. */
  readonly portalUrl: string;
  /** Why the user is not on the paid plan with its limits; none when all is well. */
  readonly problems: readonly string[];
}

/** A user buys the plan "basic" on the page that takes the place of a payment vendor, all through the HTTP API. */
export async function moveToBasic(world: World, { client }: Customer, screen: Screen): Promise<Move> {
  screen.section('From free to basic, on the page that stands in for a payment vendor');
  const { free, basic } = await readPlans(client);
  await backToFree(world, client, { free, screen });
  show(screen, 'Free', 'GET /v1/usage', describe(await client.get<Usage>('/v1/usage')));
  const choice = await client.post<Choice>('/v1/subscription', { planId: basic.id });
  if (!('checkoutUrl' in choice)) throw new Error('Choosing a paid plan led to no page to pay on');
  show(screen, 'Choose', 'POST /v1/subscription', choice.checkoutUrl);
  await pressButton(choice.checkoutUrl, 'pay', world.stopped);
  show(screen, 'Pay', "the page's form", `${basic.price} ${basic.currency.toUpperCase()} a month`);
  const isBasic = await untilOn(world, client, basic);
  const usage = await client.get<Usage>('/v1/usage');
  show(screen, 'Basic', 'GET /v1/subscription', describe(usage));
  const portal = await client.post<{ url: string }>('/v1/subscription/portal', {
    returnUrl: `${world.service.url}/docs`,
  });
  return { portalUrl: portal.url, problems: problemsOfMove(basic, isBasic, usage) };
}

/** Monthly ones. */
async function readPlans(client: ApiClient): Promise<{ readonly free: Plan; readonly basic: Plan }> {
  const { items } = await client.get<{ items: readonly Plan[] }>('/v1/plans');
  const monthly = items.filter(({ interval }) => interval === 'monthly');
  const [free, basic] = ['free', 'basic'].map((slug) => monthly.find((plan) => plan.slug === slug));
  if (!free || !basic) throw new Error('There is no free or no basic plan');
  return { free, basic };
}

/** Who has bought a plan in an earlier run goes back first: at the end of the period, which the page lets end at once. */
async function backToFree(
  world: World,
  client: ApiClient,
  { free, screen }: { readonly free: Plan; readonly screen: Screen },
): Promise<void> {
  const { plan } = await client.get<Subscription>('/v1/subscription');
  if (plan.slug === free.slug) return;
  await client.post<Choice>('/v1/subscription', { planId: free.id });
  const { url } = await client.post<{ url: string }>('/v1/subscription/portal', { returnUrl: world.service.url });
  await pressButton(url, 'end-period', world.stopped);
  if (!(await untilOn(world, client, free))) throw new Error(`The plan "${plan.name}" did not end`);
  show(screen, plan.name, 'an earlier run', 'is given up for free, and its period ends on the page');
}

async function untilOn(world: World, client: ApiClient, plan: Plan): Promise<boolean> {
  const found = await pollUntil(
    async () => {
      const subscription = await client.find<Subscription>('/v1/subscription');
      return subscription?.plan.id === plan.id && subscription.status === 'active' ? true : undefined;
    },
    { timeoutMs: FOLLOW_TIMEOUT_MS, stopped: world.stopped },
  );
  return found ?? false;
}

function problemsOfMove(basic: Plan, isBasic: boolean, usage: Usage): readonly string[] {
  if (!isBasic) return ['not bought: the payment page took the money, but the user is not on the plan "basic"'];
  const isRaised = usage.callsLimit === basic.callLimit && usage.minutesLimit === basic.minutesLimit;
  return isRaised ? [] : ['not raised: the user is on the plan "basic" with the limits of another one'];
}

function describe({ callsLimit, minutesLimit, callsRemaining, minutesRemaining }: Usage): string {
  const limits = `${limit(callsLimit)} calls, ${limit(minutesLimit)} minutes a month`;
  return `${limits}; left: ${limit(callsRemaining)} and ${limit(minutesRemaining)}`;
}

function limit(value: number | null): string {
  return value === null ? 'unlimited' : String(value);
}

function show(screen: Screen, what: string, where: string, text: string): void {
  screen.line(`  ${what.padEnd(8)}  ${`(${where})`.padEnd(23)}  ${text}`);
}
