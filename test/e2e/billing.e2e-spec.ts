import { UsageLedger } from '../../src/modules/billing/public/usage-ledger.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { createAttempt, createVendorAccount, type VendorAccount } from '../support/attempt-rows';
import { type Answer, type Service, startService } from '../support/service';

interface Plan {
  readonly id: string;
  readonly slug: string;
  readonly interval: string;
}

let service: Service;
let account: VendorAccount;
let plans: readonly Plan[];

beforeAll(async () => {
  service = await startService({ environment: { LOCAL_PAYMENTS: 'true' } });
  account = await createVendorAccount(service.database);
  plans = ((await service.request('GET', '/v1/plans')).body as { items: Plan[] }).items;
});
afterAll(() => service.stop());

async function signUp() {
  const userId = await service.database.createUser();
  const token = await service.token({ userId });
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    service.request(method, path, { token, headers, ...(body !== undefined && { body }) });
  return { userId, call };
}

function planId(slug: string, interval = 'monthly'): string {
  const plan = plans.find((candidate) => candidate.slug === slug && candidate.interval === interval);
  if (!plan) throw new Error(`There is no plan ${slug}`);
  return plan.id;
}

const free = () => ({ planId: planId('free') });

async function statusOf(userId: string): Promise<unknown> {
  const [profile] = await service.database.query('select status from user_profiles where id = $1', [userId]);
  return profile?.['status'];
}

async function subscribeTo(userId: string, slug: string): Promise<void> {
  await service.database.query(
    `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
     values ($1, $2, 'active', now() - interval '1 day', now() + interval '29 days')`,
    [userId, planId(slug)],
  );
}

/** Reserves for `count` new attempts of the user, `minutes` each. */
async function reserve(userId: string, count: number, minutes: number): Promise<string[]> {
  const ids: Awaited<ReturnType<typeof createAttempt>>[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await createAttempt(service.database, account, userId));
  const ledger = service.app.get(UsageLedger, { strict: false });
  await service.app
    .get(UnitOfWork, { strict: false })
    .run(() => ledger.reserve(ids.map((attempt) => ({ ...attempt, userId, minutes }))));
  return ids.map(({ attemptId }) => attemptId);
}

function settle(attemptId: string, minutes: number): Promise<unknown> {
  const ledger = service.app.get(UsageLedger, { strict: false });
  return service.app.get(UnitOfWork, { strict: false }).run(() => ledger.settle([{ attemptId, minutes }]));
}

describe('GET /v1/plans', () => {
  it('shows every plan to anybody, the smallest first', async () => {
    const answer = await service.request('GET', '/v1/plans');
    expect(answer.status).toBe(200);
    expect((answer.body as { items: Plan[] }).items.map(({ slug, interval }) => `${slug} ${interval}`)).toEqual([
      'free monthly',
      'basic monthly',
      'basic yearly',
      'business monthly',
      'business yearly',
      'enterprise monthly',
      'enterprise yearly',
    ]);
    expect((answer.body as { items: unknown[] }).items[0]).toEqual({
      id: expect.any(String) as string,
      slug: 'free',
      name: 'Free',
      description: expect.any(String) as string,
      price: 0,
      currency: 'usd',
      interval: 'monthly',
      features: expect.any(Array) as unknown[],
      callLimit: 50,
      minutesLimit: 100,
    });
    expect((answer.body as { items: unknown[] }).items[5]).toMatchObject({ callLimit: null, minutesLimit: null });
  });
});

describe('POST /v1/subscription', () => {
  it('starts the free plan at once and activates the profile', async () => {
    const { userId, call } = await signUp();
    expect(await statusOf(userId)).toBe('inactive');
    const answer = await call('POST', '/v1/subscription', free());
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.any(String) as string,
      plan: plans.find(({ slug }) => slug === 'free'),
      status: 'active',
      currentPeriodStart: expect.any(String) as string,
      currentPeriodEnd: expect.any(String) as string,
      cancelAtPeriodEnd: false,
    });
    expect(await statusOf(userId)).toBe('active');
    expect((await call('GET', '/v1/subscription')).body).toEqual(answer.body);
  });

  it('changes nothing when the user has the plan already', async () => {
    const { userId, call } = await signUp();
    const first = await call('POST', '/v1/subscription', free());
    expect(await call('POST', '/v1/subscription', free())).toMatchObject({
      status: 200,
      body: { ...(first.body as object) },
    });
    await service.database.query(`update user_subscriptions set status = 'canceled' where user_id = $1`, [userId]);
    await subscribeTo(userId, 'basic');
    expect(await call('POST', '/v1/subscription', { planId: planId('basic') })).toMatchObject({ status: 200 });
  });

  it('makes one subscription of many requests at the same time', async () => {
    const { userId, call } = await signUp();
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/v1/subscription', free())));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
    const rows = await service.database.query('select 1 from user_subscriptions where user_id = $1', [userId]);
    expect(rows).toHaveLength(1);
  });

  it('repeats its first answer for the same Idempotency-Key', async () => {
    const { call } = await signUp();
    const key = { 'idempotency-key': 'subscribe-once' };
    expect((await call('POST', '/v1/subscription', free(), key)).status).toBe(201);
    const again = await call('POST', '/v1/subscription', free(), key);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  });

  it('sends who chooses a paid plan to a payment page, and changes nothing so far', async () => {
    const { userId, call } = await signUp();
    await call('POST', '/v1/subscription', free());
    const answer = await call('POST', '/v1/subscription', { planId: planId('business', 'yearly') });
    expect(answer).toMatchObject({ status: 200, body: { checkoutUrl: expect.stringContaining('/v1/payments/') } });
    expect((await call('GET', '/v1/subscription')).body).toMatchObject({ plan: { slug: 'free' } });
    expect(await statusOf(userId)).toBe('active');
  });

  it('leaves alone what an operator has set up by hand', async () => {
    const { userId, call } = await signUp();
    await subscribeTo(userId, 'enterprise');
    const refusal = { status: 409, body: { code: 'billing.subscription_made_by_hand' } };
    for (const choice of [free(), { planId: planId('basic') }]) {
      expect(await call('POST', '/v1/subscription', choice)).toMatchObject(refusal);
    }
    expect(await call('POST', '/v1/subscription', { planId: planId('enterprise') })).toMatchObject({ status: 200 });
  });

  it('knows no other plan', async () => {
    const { call } = await signUp();
    const answer = await call('POST', '/v1/subscription', { planId: '5f0c8a3e-9d0b-4a53-8f5e-0d1f6f3a2b10' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'billing.plan_not_found' } });
  });

  it.each([[{}], [{ planId: 'free' }], [{ planId: '5f0c8a3e-9d0b-4a53-8f5e-0d1f6f3a2b10', coupon: 'X' }]])(
    'refuses the malformed %j',
    async (body) => {
      const { call } = await signUp();
      expect(await call('POST', '/v1/subscription', body)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
    },
  );

  it('is 404 for a user who is gone while the token still holds', async () => {
    const token = await service.token({ userId: '00000000-0000-4000-8000-000000000000' });
    const answer = await service.request('POST', '/v1/subscription', { token, body: free() });
    expect(answer).toMatchObject({ status: 404, body: { code: 'users.not_found' } });
  });

  it('makes no subscription when the profile cannot be activated', async () => {
    const { userId, call } = await signUp();
    await service.database.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
      create trigger refuse before update on user_profiles for each row
      when (new.id = '${userId}') execute function refuse()`);
    expect((await call('POST', '/v1/subscription', free())).status).toBe(500);
    await service.database.query('drop trigger refuse on user_profiles; drop function refuse()');
    expect((await call('GET', '/v1/subscription')).status).toBe(404);
  });

  it('wants a token', async () => {
    expect((await service.request('POST', '/v1/subscription', { body: free() })).status).toBe(401);
  });
});

describe('GET /v1/subscription', () => {
  it('is 404 without one', async () => {
    const { call } = await signUp();
    expect(await call('GET', '/v1/subscription')).toMatchObject({
      status: 404,
      body: { code: 'billing.no_subscription' },
    });
  });

  it('counts the months of a free one from its start, and those of a paid one as they were told', async () => {
    const { userId, call } = await signUp();
    await call('POST', '/v1/subscription', free());
    const [dates] = await service.database.query<{ start: Date; end: Date }>(
      `update user_subscriptions
       set current_period_start = now() - interval '400 days', current_period_end = now() - interval '370 days'
       where user_id = $1 returning current_period_start as start, current_period_end as end`,
      [userId],
    );
    const { currentPeriodStart, currentPeriodEnd } = (await call('GET', '/v1/subscription')).body as Record<
      string,
      string
    >;
    expect(Date.parse(currentPeriodStart ?? '')).toBeLessThanOrEqual(Date.now());
    expect(Date.parse(currentPeriodEnd ?? '')).toBeGreaterThan(Date.now());
    expect(currentPeriodStart?.slice(11)).toBe(dates?.start.toISOString().slice(11));
    await service.database.query('update user_subscriptions set plan_id = $2 where user_id = $1', [
      userId,
      planId('basic'),
    ]);
    expect((await call('GET', '/v1/subscription')).body).toMatchObject({
      currentPeriodStart: dates?.start.toISOString(),
      currentPeriodEnd: dates?.end.toISOString(),
    });
  });
});

describe('POST /v1/subscription/cancel', () => {
  it('ends a free one at once and deactivates the profile', async () => {
    const { userId, call } = await signUp();
    const { body } = await call('POST', '/v1/subscription', free());
    expect(await call('POST', '/v1/subscription/cancel')).toMatchObject({
      status: 200,
      body: { ...(body as object), status: 'canceled' },
    });
    expect(await statusOf(userId)).toBe('inactive');
    expect((await call('GET', '/v1/subscription')).status).toBe(404);
    expect((await call('GET', '/v1/usage')).status).toBe(404);
  });

  it('is 404 without one', async () => {
    const { call } = await signUp();
    const answer = await call('POST', '/v1/subscription/cancel');
    expect(answer).toMatchObject({ status: 404, body: { code: 'billing.no_subscription' } });
  });

  it('cannot end one that an operator has set up by hand', async () => {
    const { userId, call } = await signUp();
    await subscribeTo(userId, 'basic');
    const answer = await call('POST', '/v1/subscription/cancel');
    expect(answer).toMatchObject({ status: 409, body: { code: 'billing.subscription_made_by_hand' } });
  });

  it('renews no allowance for who comes back', async () => {
    const { userId, call } = await signUp();
    await call('POST', '/v1/subscription', free());
    const [attempt = ''] = await reserve(userId, 1, 10);
    await settle(attempt, 7);
    const before = (await call('GET', '/v1/usage')).body as object;
    await call('POST', '/v1/subscription/cancel');
    expect((await call('POST', '/v1/subscription', free())).status).toBe(201);
    expect((await call('GET', '/v1/usage')).body).toEqual(before);
    expect(before).toMatchObject({ callsUsed: 1, minutesUsed: 7 });
    expect(await statusOf(userId)).toBe('active');
  });
});

describe('POST /v1/subscription/portal', () => {
  it('has nowhere to lead for who never came to pay', async () => {
    const { call } = await signUp();
    const answer = await call('POST', '/v1/subscription/portal', { returnUrl: 'https://example.com/account' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'billing.no_subscription' } });
    expect((await call('POST', '/v1/subscription/portal', { returnUrl: 'javascript:alert(1)' })).status).toBe(400);
  });
});

describe('what asks the payment side', () => {
  let limited: Service;
  beforeAll(async () => {
    limited = await startService({ database: service.database, environment: { BILLING_RATE_LIMIT_PER_MINUTE: '3' } });
  });
  afterAll(() => limited.stop());

  it('may be asked for so often by each user, and everything else goes on', async () => {
    const { userId } = await signUp();
    const token = await service.token({ userId });
    const ask = (path: string, body: object, as = token) => limited.request('POST', path, { token: as, body });
    expect((await ask('/v1/subscription', free())).status).toBe(201);
    expect((await ask('/v1/subscription/portal', { returnUrl: 'https://example.com/account' })).status).toBe(404);
    expect((await ask('/v1/subscription/cancel', {})).status).toBe(200);
    for (const path of ['', '/portal', '/cancel']) {
      const refused = await ask(`/v1/subscription${path}`, free());
      expect(refused).toMatchObject({ status: 429, body: { code: 'request.rate_limited' } });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    }
    expect((await limited.request('GET', '/v1/subscription', { token })).status).toBe(404);
    const other = await service.token({ userId: await service.database.createUser() });
    expect((await ask('/v1/subscription', free(), other)).status).toBe(201);
  });

  it('counts for the user in whose name an internal service asks', async () => {
    const [first, second] = [await service.database.createUser(), await service.database.createUser()];
    const token = await service.token({ role: 'service_role' });
    const ask = (userId: string) =>
      limited.request('POST', '/v1/subscription', { token, body: free(), headers: { 'x-on-behalf-of': userId } });
    const statuses = [];
    for (let sent = 0; sent < 4; sent += 1) statuses.push((await ask(first)).status);
    expect(statuses).toEqual([201, 200, 200, 429]);
    expect((await ask(second)).status).toBe(201);
  });
});

describe('without a payment side', () => {
  let unpaid: Service;
  beforeAll(async () => {
    unpaid = await startService({ database: service.database, environment: { NODE_ENV: 'production' } });
  });
  afterAll(() => unpaid.stop());

  it('only the free plan can be had', async () => {
    const { userId } = await signUp();
    const token = await service.token({ userId });
    const answer = await unpaid.request('POST', '/v1/subscription', { token, body: { planId: planId('basic') } });
    expect(answer).toMatchObject({ status: 503, body: { code: 'billing.payments_unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await unpaid.request('POST', '/v1/subscription', { token, body: free() })).status).toBe(201);
    expect((await unpaid.request('POST', '/v1/webhooks/stripe', { body: {} })).status).toBe(401);
  });
});

describe('the pages that a payment page leads back to', () => {
  it.each(['succeeded', 'canceled'])('%s is for everybody', async (name) => {
    const answer = await service.request('GET', `/v1/payments/${name}`);
    expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('<h1>') as string });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });
});

describe('GET /v1/usage', () => {
  it('shows an allowance that nobody has touched, and opens nothing', async () => {
    const { userId, call } = await signUp();
    const { body } = await call('POST', '/v1/subscription', free());
    const { currentPeriodStart, currentPeriodEnd } = body as Record<string, string>;
    expect(await call('GET', '/v1/usage')).toMatchObject({
      status: 200,
      body: {
        periodStart: currentPeriodStart,
        periodEnd: currentPeriodEnd,
        callsUsed: 0,
        callsReserved: 0,
        callsLimit: 50,
        callsRemaining: 50,
        minutesUsed: 0,
        minutesReserved: 0,
        minutesLimit: 100,
        minutesRemaining: 100,
      },
    });
    expect(await service.database.query('select 1 from user_call_usage where user_id = $1', [userId])).toEqual([]);
  });

  it('tells used from reserved', async () => {
    const { userId, call } = await signUp();
    await call('POST', '/v1/subscription', free());
    const [attempt = ''] = await reserve(userId, 2, 10);
    await settle(attempt, 3);
    expect((await call('GET', '/v1/usage')).body).toMatchObject({
      callsUsed: 1,
      callsReserved: 1,
      callsRemaining: 48,
      minutesUsed: 3,
      minutesReserved: 10,
      minutesRemaining: 87,
    });
  });

  it('has no limits on an unlimited plan', async () => {
    const { userId, call } = await signUp();
    await subscribeTo(userId, 'enterprise');
    expect((await call('GET', '/v1/usage')).body).toMatchObject({
      callsLimit: null,
      callsRemaining: null,
      minutesLimit: null,
      minutesRemaining: null,
    });
  });

  it('is 404 without a subscription', async () => {
    const { call } = await signUp();
    expect(await call('GET', '/v1/usage')).toMatchObject({ status: 404, body: { code: 'billing.no_subscription' } });
  });
});

describe('GET /v1/usage/entries', () => {
  interface Entries {
    readonly items: readonly { readonly id: string; readonly kind: string; readonly attemptId: string }[];
    readonly nextCursor: string | null;
  }

  it('shows the own lines, newest first', async () => {
    const [one, other] = [await signUp(), await signUp()];
    for (const { call } of [one, other]) await call('POST', '/v1/subscription', free());
    const [attempt = ''] = await reserve(one.userId, 1, 10);
    await settle(attempt, 3);
    await reserve(other.userId, 1, 10);
    const { items, nextCursor } = (await one.call('GET', '/v1/usage/entries')).body as Entries;
    expect(nextCursor).toBeNull();
    expect(items).toEqual([
      { kind: 'settle', calls: 1, minutes: 3, attemptId: attempt, ...common },
      { kind: 'reserve', calls: 1, minutes: 10, attemptId: attempt, ...common },
    ]);
  });

  const common = {
    id: expect.any(String) as string,
    callQueueId: expect.any(String) as string,
    createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
  };

  it('pages through all of them without a gap, and shows them after the subscription has ended', async () => {
    const { userId, call } = await signUp();
    await call('POST', '/v1/subscription', free());
    const attempts = await reserve(userId, 7, 2);
    await call('POST', '/v1/subscription/cancel');
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/v1/usage/entries?limit=3${cursor ? `&cursor=${cursor}` : ''}`;
      const page = (await call('GET', path)).body as Entries;
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map(({ attemptId }) => attemptId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([...attempts].reverse());
  });

  it.each(['limit=0', 'limit=201', 'cursor=nonsense', 'offset=3'])('refuses ?%s', async (query) => {
    const { call } = await signUp();
    const answer = await call('GET', `/v1/usage/entries?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });
});

describe('reading', () => {
  it.each([
    ['/v1/subscription', 'user_subscriptions'],
    ['/v1/usage', 'user_call_usage'],
    ['/v1/usage/entries', 'usage_ledger_entries'],
  ])('%s happens with the rights of the user, not of the service', async (path, table) => {
    const { call } = await signUp();
    await call('POST', '/v1/subscription', free());
    expect((await call('GET', path)).status).toBe(200);
    await service.database.query(`revoke select on ${table} from authenticated`);
    expect((await call('GET', path)).status).toBe(500);
    await service.database.query(`grant select on ${table} to authenticated`);
  });
});
