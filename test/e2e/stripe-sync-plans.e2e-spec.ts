import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { type StripeSandbox, startStripeSandbox } from '../../sandbox/stripe/stripe-sandbox';
import { DrizzlePlans } from '../../src/modules/billing/adapters/drizzle/drizzle-plans';
import { Database } from '../../src/shared/database/database';
import { keepOutput, makeSecret, recordEnvironment } from '../support/run-record';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

jest.setTimeout(90_000);

const API_KEY = makeSecret('stripe-test-key');
const PAID = [
  'basic monthly',
  'basic yearly',
  'business monthly',
  'business yearly',
  'enterprise monthly',
  'enterprise yearly',
];

interface Run {
  readonly code: number;
  readonly lines: readonly string[];
}

/** The command as an operator runs it, in a process of its own. */
async function syncPlans(environment: Readonly<Record<string, string>>): Promise<Run> {
  recordEnvironment(environment);
  const script = ['--require', './test/support/typescript-hook.cjs', 'scripts/stripe-sync-plans.ts'];
  const child = spawn(process.execPath, script, { env: environment });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  keepOutput(said);
  expect(said).not.toContain(API_KEY);
  return { code, lines: said.trim().split('\n') };
}

describe('npm run stripe:sync-plans', () => {
  let database: TestDatabase;
  let sandbox: StripeSandbox;
  let pool: Pool;
  let environment: Readonly<Record<string, string>>;

  beforeEach(async () => {
    database = await createTestDatabase();
    sandbox = await startStripeSandbox({ apiKey: API_KEY, deliver: 'held' });
    pool = new Pool({ connectionString: database.url });
    environment = { DATABASE_URL: database.url, STRIPE_SECRET_KEY: API_KEY, STRIPE_API_BASE_URL: sandbox.url };
  });
  afterEach(async () => {
    await pool.end();
    await sandbox.stop();
    await database.drop();
  });

  const plansSold = () =>
    database.query<{ id: string; plan: string; price: string; price_id: string | null }>(
      `select id, slug || ' ' || interval as plan, price, stripe_price_id as price_id from subscription_plans
        where slug <> 'free' order by slug, interval`,
    );

  it('sells every paid plan, says so line by line, and notes the prices', async () => {
    const { code, lines } = await syncPlans(environment);
    expect(code).toBe(0);
    expect(lines).toEqual(PAID.map((plan) => expect.stringMatching(`^${plan}: \\d+ usd, price_\\w+, new$`)));
    expect(sandbox.all('product').map(({ id }) => id)).toEqual([
      'ringonce_basic',
      'ringonce_business',
      'ringonce_enterprise',
    ]);
    const plans = await plansSold();
    for (const { price, price_id } of plans) {
      expect(sandbox.all('price').find(({ id }) => id === price_id)).toMatchObject({
        unit_amount: Number(price) * 100,
      });
    }
    const [free] = await database.query(`select stripe_price_id from subscription_plans where slug = 'free'`);
    expect(free).toEqual({ stripe_price_id: null });
  });

  it('changes nothing when repeated, also by two at the same time', async () => {
    const [first, second] = await Promise.all([syncPlans(environment), syncPlans(environment)]);
    expect([first.code, second.code]).toEqual([0, 0]);
    const before = await plansSold();
    expect(sandbox.all('price')).toHaveLength(PAID.length);
    const posts = sandbox.requests.filter(({ method }) => method === 'POST').length;
    const { lines } = await syncPlans(environment);
    expect(lines.filter((line) => line.endsWith('new'))).toEqual([]);
    expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(posts);
    expect(await plansSold()).toEqual(before);
  });

  it('gives a changed price a new id, and still knows what the earlier one was', async () => {
    await syncPlans(environment);
    const [before] = await plansSold();
    await database.query(`update subscription_plans set price = 35 where id = $1`, [before!.id]);
    const { lines } = await syncPlans(environment);
    expect(lines.filter((line) => line.endsWith('new'))).toEqual([expect.stringMatching(/^basic monthly: 35 usd/)]);
    const [after] = await plansSold();
    expect(after!.price_id).not.toBe(before!.price_id);
    const plans = new DrizzlePlans(new Database(drizzle(pool)));
    const found = await plans.findByPrices([before!.price_id!, after!.price_id!, 'price_of_another_product']);
    expect([...found].map(([priceId, { id }]) => [priceId, id]).sort()).toEqual(
      [before, after].map((sold) => [sold!.price_id, before!.id]).sort(),
    );
    expect(await plans.priceOf(before!.id)).toBe(after!.price_id);
    expect((await plans.findByPrices([])).size).toBe(0);
  });

  it('finishes what an earlier run began before it failed', async () => {
    sandbox.order({ answer: { kind: 'error', status: 503 }, times: 'always', path: '/v1/products/ringonce_business' });
    const failed = await syncPlans(environment);
    expect(failed).toEqual({ code: 1, lines: [expect.stringContaining('cannot be reached')] });
    const [begun] = await plansSold();
    expect(begun!.price_id).toMatch(/^price_/);
    sandbox.withdrawOrders();
    expect((await syncPlans(environment)).code).toBe(0);
    const plans = await plansSold();
    expect(plans.every(({ price_id }) => price_id !== null)).toBe(true);
    expect(plans[0]).toEqual(begun);
  });

  it('names every variable that is missing or wrong', async () => {
    expect(await syncPlans({ STRIPE_API_BASE_URL: 'nowhere' })).toEqual({
      code: 78,
      lines: [
        'DATABASE_URL: is required',
        'STRIPE_SECRET_KEY: is required',
        expect.stringMatching(/^STRIPE_API_BASE_URL: ./),
      ],
    });
    expect(sandbox.requests).toEqual([]);
  });

  it('names the key when Stripe refuses it, and does not show it', async () => {
    const wrong = makeSecret('wrong-key');
    const { code, lines } = await syncPlans({ ...environment, STRIPE_SECRET_KEY: wrong });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('STRIPE_SECRET_KEY');
    expect(lines.join('\n')).not.toContain(wrong);
  });
});
