import { createHash, randomUUID } from 'node:crypto';
import { createApplication } from '../../src/application';
import { LocalPaymentRecords } from '../../src/modules/billing/application/ports/local-payment-records.port';
import { PaymentGateway } from '../../src/modules/billing/application/ports/payment-gateway.port';
import { readSettings } from '../../src/settings';
import { submit, visit } from '../support/payment-page';
import { makeSecret } from '../support/run-record';
import { type Answer, CREDENTIALS_KEYS, JWT_SECRET, type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

const URLS = { successUrl: 'https://app.example.com/thanks', cancelUrl: 'https://app.example.com/plans?again=1&b=2' };
const RETURN_URL = 'https://app.example.com/account';
const PAGES = '/v1/payments/local';
const MARKUP = `"><script>alert('x')</script>@example.com`;

interface Plan {
  readonly id: string;
  readonly slug: string;
  readonly interval: string;
}

let service: Service;
let plans: readonly Plan[];

beforeAll(async () => {
  service = await startService({ environment: { LOCAL_PAYMENTS: 'true' } });
  plans = ((await service.request('GET', '/v1/plans')).body as { items: Plan[] }).items;
});
afterAll(() => service.stop());

/** Somebody with the free plan, who does everything over HTTP. */
async function signUp(start: Service = service) {
  const userId = await start.database.createUser();
  const token = await start.token({ userId });
  const call = (method: string, path: string, body?: unknown): Promise<Answer> =>
    start.request(method, path, { token, ...(body !== undefined && { body }) });
  const choose = (slug: string, interval = 'monthly'): Promise<Answer> => {
    const planId = plans.find((plan) => plan.slug === slug && plan.interval === interval)!.id;
    return call('POST', '/v1/subscription', { planId, ...URLS });
  };
  const until = (expected: object): Promise<unknown> =>
    waitFor(
      async () => {
        const { body } = await call('GET', '/v1/subscription');
        expect(body).toMatchObject(expected);
        return true;
      },
      `the subscription is ${JSON.stringify(expected)}`,
    );
  const openCheckout = async (slug = 'basic'): Promise<string> =>
    ((await choose(slug)).body as { checkoutUrl: string }).checkoutUrl;
  const openPortal = async (): Promise<string> =>
    ((await call('POST', '/v1/subscription/portal', { returnUrl: RETURN_URL })).body as { url: string }).url;
  await choose('free');
  return { userId, call, choose, until, openCheckout, openPortal };
}

async function subscriber(slug = 'basic') {
  const user = await signUp();
  await (await visit(await user.openCheckout(slug))).press('pay');
  await user.until({ plan: { slug }, status: 'active' });
  const portalUrl = await user.openPortal();
  const press = async (action: string): Promise<string | null> =>
    (await (await visit(portalUrl)).press(action)).location;
  return { ...user, portalUrl, press };
}

const done = expect.stringMatching(/\?note=done$/);

describe('the checkout page', () => {
  it('sells a plan: the subscription, the limits and the profile follow', async () => {
    const user = await signUp();
    const url = await user.openCheckout();
    expect(url).toMatch(new RegExp(`^${service.url}${PAGES}/checkouts/local_checkout_[0-9a-f-]{36}$`));
    const page = await visit(url);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Basic, 29.00 USD a month')]);
    expect((await user.call('GET', '/v1/usage')).body).toMatchObject({ callsLimit: 50, minutesLimit: 100 });
    expect(await page.press('pay')).toMatchObject({ status: 303, location: URLS.successUrl });
    await user.until({ plan: { slug: 'basic' }, status: 'active', cancelAtPeriodEnd: false });
    expect((await user.call('GET', '/v1/usage')).body).toMatchObject({ callsLimit: 500, minutesLimit: 1000 });
    expect((await user.call('GET', '/v1/me')).body).toMatchObject({ status: 'active' });
  });

  it('stays open when the card is declined', async () => {
    const user = await signUp();
    const url = await user.openCheckout();
    const { status, location } = await (await visit(url)).press('decline');
    expect([status, location]).toEqual([303, `${url}?note=declined`]);
    const page = await visit(location!);
    expect(page.text).toContain('The card was declined');
    expect(page.actions).toEqual(['pay', 'decline']);
    await user.until({ plan: { slug: 'free' } });
    await page.press('pay');
    await user.until({ plan: { slug: 'basic' } });
  });

  it('lets people turn back, and stays open for another thought', async () => {
    const user = await signUp();
    const url = await user.openCheckout();
    expect((await visit(url)).text).toContain('<a href="https://app.example.com/plans?again=1&amp;b=2">Turn back</a>');
    await user.until({ plan: { slug: 'free' } });
    expect(await user.openCheckout()).toBe(url);
    expect((await visit(url)).actions).toContain('pay');
  });

  it('is paid once, however often the button is pressed', async () => {
    const user = await signUp();
    const page = await visit(await user.openCheckout());
    const pressed = await Promise.all(Array.from({ length: 5 }, () => page.press('pay')));
    for (const { status, location } of [...pressed, await page.press('pay')])
      expect([status, location]).toEqual([303, URLS.successUrl]);
    await user.until({ plan: { slug: 'basic' } });
    expect(await records('subscription', user.userId)).toHaveLength(1);
    const late = await page.press('decline');
    expect(late.location).toBe(URLS.successUrl);
  });

  it('closes in one tab when another plan is chosen in the other', async () => {
    const user = await signUp();
    const [first, second] = [await user.openCheckout('basic'), await user.openCheckout('business')];
    expect(second).not.toBe(first);
    const closed = await visit(first);
    expect([closed.status, closed.actions, closed.text]).toEqual([410, [], expect.stringContaining('has closed')]);
    const forced = await submit(first, { action: 'pay' });
    expect([forced.status, forced.location]).toEqual([303, first]);
    await (await visit(second)).press('pay');
    await user.until({ plan: { slug: 'business' } });
    expect(await records('subscription', user.userId)).toHaveLength(1);
  });

  it('says what was bought when it is opened again', async () => {
    const user = await signUp();
    const url = await user.openCheckout();
    await (await visit(url)).press('pay');
    const page = await visit(url);
    expect([page.status, page.actions, page.text]).toEqual([200, [], expect.stringContaining('This was bought')]);
  });
});

describe('the page of a customer', () => {
  it('lets a renewal fail and be paid late', async () => {
    const user = await subscriber();
    expect(await user.press('fail-renewal')).toEqual(done);
    await user.until({ plan: { slug: 'basic' }, status: 'past_due' });
    expect((await visit(user.portalUrl)).actions).toEqual(['pay-owed', 'give-up', 'cancel', 'card-declines', 'delete']);
    await user.press('card-declines');
    expect(await user.press('pay-owed')).toMatch(/note=declined$/);
    expect((await visit(`${user.portalUrl}?note=declined`)).text).toContain('The card was declined');
    await user.press('card-works');
    expect(await user.press('pay-owed')).toEqual(done);
    await user.until({ plan: { slug: 'basic' }, status: 'active' });
  });

  it('ends what is never paid, and the free plan follows', async () => {
    const user = await subscriber();
    await user.press('fail-renewal');
    await user.until({ status: 'past_due' });
    await user.press('give-up');
    await user.until({ plan: { slug: 'free' }, status: 'active' });
    expect((await visit(user.portalUrl)).text).toContain('it was not paid');
  });

  it('renews: a new period with a whole allowance', async () => {
    const user = await subscriber();
    const before = (await user.call('GET', '/v1/subscription')).body as { currentPeriodStart: string };
    await user.press('renew');
    await waitFor(async () => {
      const { body } = await user.call('GET', '/v1/subscription');
      return (body as typeof before).currentPeriodStart > before.currentPeriodStart;
    }, 'the next period begins');
    const [subscription] = await records('subscription', user.userId);
    expect(subscription!['payments']).toHaveLength(2);
  });

  it('cancels, takes that back, and lets the period end', async () => {
    const user = await subscriber();
    await user.press('cancel');
    await user.until({ plan: { slug: 'basic' }, cancelAtPeriodEnd: true });
    await user.press('undo');
    await user.until({ plan: { slug: 'basic' }, cancelAtPeriodEnd: false });
    await user.press('cancel');
    await user.press('end-period');
    await waitFor(async () => (await user.call('GET', '/v1/subscription')).status === 404, 'nothing is left');
    expect((await user.call('GET', '/v1/me')).body).toMatchObject({ status: 'inactive' });
  });

  it('lets a lesser plan follow at the end of the period', async () => {
    const user = await subscriber('business');
    expect((await user.choose('basic')).body).toMatchObject({ plan: { slug: 'business' } });
    expect((await visit(user.portalUrl)).text).toContain('Basic, 29.00 USD a month');
    await user.press('end-period');
    await user.until({ plan: { slug: 'basic' }, status: 'active' });
  });

  it('lets the free plan follow at the end of the period', async () => {
    const user = await subscriber();
    expect((await user.choose('free')).body).toMatchObject({ plan: { slug: 'basic' }, cancelAtPeriodEnd: true });
    await user.press('end-period');
    await user.until({ plan: { slug: 'free' }, status: 'active' });
  });

  it('keeps a better plan waiting until it is paid', async () => {
    const user = await subscriber();
    await user.press('card-declines');
    expect(await user.choose('business')).toMatchObject({ status: 402, body: { code: 'billing.payment_required' } });
    await user.until({ plan: { slug: 'basic' } });
    expect(await user.press('pay-change')).toMatch(/note=declined$/);
    await user.press('card-works');
    expect(await user.press('pay-change')).toEqual(done);
    await user.until({ plan: { slug: 'business' }, status: 'active' });
  });

  it('drops a better plan that is not paid', async () => {
    const user = await subscriber();
    await user.press('card-declines');
    await user.choose('business');
    expect(await user.press('drop-change')).toEqual(done);
    expect((await visit(user.portalUrl)).actions).not.toContain('pay-change');
    await user.until({ plan: { slug: 'basic' } });
  });

  it('deletes its customer, who buys anew as another one', async () => {
    const user = await subscriber();
    await user.press('delete');
    await waitFor(async () => (await user.call('GET', '/v1/subscription')).status === 404, 'the subscription ends');
    const page = await visit(user.portalUrl);
    expect([page.status, page.actions]).toEqual([200, []]);
    await (await visit(await user.openCheckout())).press('pay');
    await user.until({ plan: { slug: 'basic' } });
    expect(await records('customer', user.userId)).toHaveLength(2);
  });

  it('does in two tabs only what the second one still shows', async () => {
    const user = await subscriber();
    const [one, other] = [await visit(user.portalUrl), await visit(user.portalUrl)];
    const pressed = await Promise.all([one.press('renew'), other.press('renew'), one.press('renew')]);
    const notes = pressed.map(({ location }) => new URL(location!).searchParams.get('note'));
    expect([...notes].sort()).toEqual(['done', 'outdated', 'outdated']);
    expect((await other.press('cancel')).location).toMatch(/note=outdated$/);
    const [subscription] = await records('subscription', user.userId);
    expect(subscription).toMatchObject({ endsAt: null, payments: { length: 2 } });
  });

  it('touches nobody else', async () => {
    const [user, victim] = [await subscriber(), await subscriber()];
    const [owned] = await records('subscription', victim.userId);
    const form = { action: 'give-up', subscription: owned!['id'] as string, revision: String(owned!['revision']) };
    expect((await submit(user.portalUrl, { ...form, action: 'cancel' })).location).toMatch(/note=outdated$/);
    expect(await records('subscription', victim.userId)).toEqual([owned]);
  });
});

describe('every page', () => {
  const gateway = (): PaymentGateway => service.app.get(PaymentGateway, { strict: false });

  async function openPages(parts: { email?: string; url?: string; successUrl?: string }) {
    const { email = null, url = RETURN_URL, successUrl = URLS.successUrl } = parts;
    const userId = randomUUID();
    const customerId = await gateway().createCustomer({ userId, email, replaces: null });
    const checkout = await gateway().openCheckout({
      operationId: randomUUID(),
      customerId,
      userId,
      priceId: 'local_price_basic_monthly_2900usd',
      trialDays: 14,
      successUrl,
      cancelUrl: url,
    });
    return { checkout: checkout.url, portal: await gateway().openPortal(customerId, url) };
  }

  it('shows names as they are, never as markup', async () => {
    const urls = await openPages({ email: MARKUP });
    for (const url of [urls.checkout, urls.portal]) {
      const { text } = await visit(url);
      expect(text).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;@example.com');
      expect(text).not.toContain('<script');
    }
  });

  it('leads to web pages only', async () => {
    const urls = await openPages({ url: 'javascript:alert(1)', successUrl: 'javascript:alert(2)' });
    for (const url of [urls.checkout, urls.portal]) expect((await visit(url)).text).not.toMatch(/javascript:/);
    const { location } = await (await visit(urls.checkout)).press('pay');
    expect(location).toBe(urls.checkout);
    expect((await visit(urls.checkout)).text).not.toMatch(/javascript:/);
  });

  it('tells a program which page was paid, where it asks for that', async () => {
    const urls = await openPages({ successUrl: 'https://app.example.com/thanks?page={CHECKOUT_SESSION_ID}' });
    const { location } = await (await visit(urls.checkout)).press('pay');
    expect(location).toBe(`https://app.example.com/thanks?page=${urls.checkout.split('/').at(-1) ?? ''}`);
  });

  it('runs no script, loads nothing, is framed by nobody and kept by nobody', async () => {
    const urls = await openPages({});
    const { headers, text } = await visit(urls.checkout);
    const policy = headers.get('content-security-policy') ?? '';
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self' https:\/\/app\.example\.com; /,
    );
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('script-src');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('puts nothing into its policy that is no plain origin', async () => {
    const urls = await openPages({ successUrl: "https://evil.example;script-src'unsafe-inline'/" });
    const policy = (await visit(urls.checkout)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("form-action 'self'; base-uri 'none'");
    expect(policy).not.toContain('evil');
  });

  it('says nothing that only the address line says', async () => {
    const urls = await openPages({});
    for (const note of ['<b>x</b>', 'constructor', '__proto__', 'unheard-of', 'done&note=done']) {
      const { status, text } = await visit(`${urls.portal}?note=${note}`);
      expect([status, text]).toEqual([200, expect.not.stringMatching(/class="note"|unheard|<b>/)]);
    }
  });

  it.each([
    'checkouts/local_checkout_00000000-0000-4000-8000-000000000000',
    'portals/local_portal_00000000-0000-4000-8000-000000000000',
    'checkouts/x%00y',
    'portals/%3Cscript%3E',
  ])('is not there under an unknown address: %s', async (path) => {
    const url = `${service.url}${PAGES}/${path}`;
    const form = path.startsWith('checkouts') ? { action: 'pay' } : { action: 'card-works' };
    for (const { status, text } of [await visit(url), await submit(url, form)]) {
      expect([status, text]).toEqual([404, expect.stringContaining('<h1>Not found</h1>')]);
      expect(text).not.toContain('<script');
    }
  });

  it('is not there under the address of another kind of record', async () => {
    const user = await subscriber();
    const portalId = user.portalUrl.split('/').at(-1) ?? '';
    const [subscription] = await records('subscription', user.userId);
    for (const path of [`checkouts/${portalId}`, `portals/${subscription!['id'] as string}`])
      expect((await visit(`${service.url}${PAGES}/${path}`)).status).toBe(404);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('does nothing for %s', async (method) => {
    const urls = await openPages({});
    for (const url of [urls.checkout, urls.portal]) {
      const response = await fetch(url, { method, body: new URLSearchParams({ action: 'pay' }) });
      expect(response.status).toBe(404);
    }
    expect((await visit(urls.checkout)).actions).toContain('pay');
  });

  it.each([
    ['another action', { action: 'give' }],
    ['no action', {}],
    ['something beside', { action: 'pay', amount: '0' }],
  ])('refuses a form with %s', async (_what, form) => {
    const urls = await openPages({});
    expect((await submit(urls.checkout, form)).status).toBe(400);
    expect((await submit(urls.portal, form)).status).toBe(400);
  });

  it.each([
    ['/v1/subscription', 415],
    [`/v1/calls?${PAGES}/`, 415],
    [`${PAGES}ities`, 404],
  ])('is the only one to take forms: %s does not', async (path, status) => {
    const answer = await submit(`${service.url}${path}`, { action: 'pay' });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { status }]);
  });

  it('is not part of the API', async () => {
    const { body } = await service.request('GET', '/openapi.json');
    expect(Object.keys((body as { paths: object }).paths).filter((path) => path.startsWith(PAGES))).toEqual([]);
  });
});

describe('where somebody takes real money, or nobody may take any', () => {
  const secrets = { SUPABASE_JWT_SECRET: JWT_SECRET, CREDENTIALS_KEYS };
  const stripe = {
    STRIPE_SECRET_KEY: makeSecret('sk_test_local'),
    STRIPE_WEBHOOK_SECRET: makeSecret('whsec_local'),
    STRIPE_API_BASE_URL: 'http://127.0.0.1:9',
  };

  it.each([
    ['in production', { NODE_ENV: 'production' }],
    ['where others reach the service, unless they were asked for,', { PUBLIC_URL: 'https://calls.example.com' }],
    ['with Stripe', stripe],
  ])(
    '%s the pages do not exist',
    async (_where, environment) => {
      const other = await startService({ environment });
      try {
        expect(() => other.app.get(LocalPaymentRecords, { strict: false })).toThrow();
        for (const path of [`${PAGES}/checkouts/x`, `${PAGES}/portals/x`]) {
          expect((await other.request('GET', path)).status).toBe(404);
          expect((await submit(`${other.url}${path}`, { action: 'pay' })).status).toBe(404);
        }
      } finally {
        await other.stop();
      }
    },
    60_000,
  );

  it('says at the start that nobody pays, where that may be a mistake', async () => {
    const start = async (environment: NodeJS.ProcessEnv, isLocal: boolean): Promise<string[]> => {
      const said: string[] = [];
      const ignore = () => undefined;
      const warn = (message: unknown) => void said.push(String(message));
      const url = { DATABASE_URL: service.database.url };
      const settings = readSettings({ ...url, ...secrets, ...environment }, isLocal);
      const app = await createApplication(settings, { logger: { log: ignore, error: ignore, warn } });
      await app.close();
      return said.filter((line) => line.includes('STRIPE_SECRET_KEY'));
    };
    expect(await start({ LOCAL_PAYMENTS: 'true' }, false)).toEqual([expect.stringContaining('nobody really pays')]);
    expect(await start({}, false)).toEqual([expect.stringContaining('nobody really pays')]);
    expect(await start({ HOST: '0.0.0.0' }, false)).toEqual([expect.stringContaining('LOCAL_PAYMENTS=true')]);
    expect(await start({}, true)).toEqual([]);
    expect(await start(stripe, false)).toEqual([]);
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://calls.example.com' };
    expect(await start(production, false)).toEqual([]);
  });
});

/** What the page remembers of a user, with its id. */
async function records(kind: string, userId: string): Promise<Record<string, unknown>[]> {
  const rows = await service.database.query<{ id: string; data: Record<string, unknown> }>(
    `select id, data from local_payment_records where kind = $1 and data->>'userId' = $2 order by created_at`,
    [kind, userId],
  );
  return rows.map(({ id, data }) => ({ id, ...data }));
}
