import { randomUUID } from 'node:crypto';
import { type ReservationRequest, UsageLedger } from '../../src/modules/billing/public/usage-ledger.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { createAttempt, createVendorAccount, type VendorAccount } from '../support/attempt-rows';
import { type Answer, type Service, startService } from '../support/service';

let service: Service;
let account: VendorAccount;
let adminId: string;
let adminToken: string;

beforeAll(async () => {
  service = await startService();
  account = await createVendorAccount(service.database);
  adminId = await service.database.createUser();
  adminToken = await service.token({ userId: adminId, admin: true });
});
afterAll(() => service.stop());

/** A user on a plan that began yesterday. */
async function subscriber(slug: string, changes = ''): Promise<string> {
  const userId = await service.database.createUser({ isActive: true });
  await service.database.query(
    `insert into user_subscriptions (user_id, plan_id, status, current_period_start, current_period_end)
     select $1, id, 'active', date_trunc('day', now()) - interval '1 day', date_trunc('day', now()) + interval '1 year'
     from subscription_plans where slug = $2 and interval = 'monthly'`,
    [userId, slug],
  );
  if (changes) await service.database.query(`update user_subscriptions set ${changes} where user_id = $1`, [userId]);
  return userId;
}

function limits(method: string, userId: string, body?: object, token = adminToken): Promise<Answer> {
  return service.request(method, `/v1/admin/users/${userId}/limits`, { token, ...(body && { body }) });
}

async function usageOf(userId: string): Promise<Answer['body']> {
  return (await service.request('GET', '/v1/usage', { token: await service.token({ userId }) })).body;
}

/** Reserves for new attempts, `minutes` each. @returns what was granted */
async function reserve(userId: string, ...minutes: readonly number[]): Promise<readonly (number | false)[]> {
  const requests: ReservationRequest[] = [];
  for (const wish of minutes)
    requests.push({ ...(await createAttempt(service.database, account, userId)), userId, minutes: wish });
  const ledger = service.app.get(UsageLedger, { strict: false });
  const answers = await service.app.get(UnitOfWork, { strict: false }).run(() => ledger.reserve(requests));
  return answers.map((answer) => answer.granted && answer.minutes);
}

const copyOf = (userId: string) =>
  service.database.query('select calls_limit, minutes_limit from user_call_usage where user_id = $1', [userId]);

describe('limits of one user', () => {
  it('are set, shown, changed and taken back', async () => {
    const userId = await subscriber('enterprise');
    expect(await limits('GET', userId)).toMatchObject({ status: 404, body: { code: 'billing.no_limits' } });
    const first = { callLimit: 10, minutesLimit: null };
    expect(await limits('PUT', userId, first)).toMatchObject({ status: 200, body: first });
    expect(await limits('GET', userId)).toMatchObject({ status: 200, body: first });
    const second = { callLimit: null, minutesLimit: 300 };
    expect(await limits('PUT', userId, second)).toMatchObject({ status: 200, body: second });
    expect((await limits('GET', userId)).body).toEqual(second);
    expect((await limits('DELETE', userId)).status).toBe(204);
    expect(await limits('DELETE', userId)).toMatchObject({ status: 404, body: { code: 'billing.no_limits' } });
    const trail = await service.request('GET', `/v1/admin/audit?subjectId=${userId}`, { token: adminToken });
    expect(trail.body.items).toMatchObject([
      { action: 'user_limits.remove', before: second, after: null },
      { action: 'user_limits.change', before: first, after: second },
      { action: 'user_limits.create', before: null, after: first, actor: { kind: 'user', userId: adminId } },
    ]);
  });

  it('are written down only where they change', async () => {
    const userId = await subscriber('enterprise');
    await limits('PUT', userId, { callLimit: 5, minutesLimit: 5 });
    expect((await limits('PUT', userId, { callLimit: 5, minutesLimit: 5 })).status).toBe(200);
    const trail = await service.request('GET', `/v1/admin/audit?subjectId=${userId}`, { token: adminToken });
    expect(trail.body.items).toHaveLength(1);
  });

  it('hold at once, in the month that runs', async () => {
    const userId = await subscriber('enterprise');
    expect(await reserve(userId, 50)).toEqual([50]);
    await limits('PUT', userId, { callLimit: 3, minutesLimit: 60 });
    expect(await copyOf(userId)).toEqual([{ calls_limit: 3, minutes_limit: 60 }]);
    expect(await reserve(userId, 50, 50)).toEqual([10, false]);
    await limits('PUT', userId, { callLimit: 1, minutesLimit: 20 });
    expect(await usageOf(userId)).toMatchObject({ callsLimit: 1, callsRemaining: 0, minutesRemaining: 0 });
    await limits('DELETE', userId);
    expect(await reserve(userId, 50)).toEqual([50]);
    expect(await usageOf(userId)).toMatchObject({ callsReserved: 3, callsLimit: null, minutesRemaining: null });
  });

  it('are kept for later on another plan', async () => {
    const userId = await subscriber('basic');
    await limits('PUT', userId, { callLimit: 7, minutesLimit: 7 });
    expect(await usageOf(userId)).toMatchObject({ callsLimit: 500, minutesLimit: 1000 });
    expect(await reserve(userId, 9)).toEqual([9]);
  });

  it.each([{}, { callLimit: 1 }, { callLimit: -1, minutesLimit: 1 }, { callLimit: 1.5, minutesLimit: 1 }, []])(
    'are refused when they make no sense: %j',
    async (body) => {
      expect(await limits('PUT', await subscriber('enterprise'), body)).toMatchObject({
        status: 400,
        body: { code: 'request.invalid' },
      });
    },
  );

  it('need a user, and an administrator', async () => {
    const body = { callLimit: 1, minutesLimit: 1 };
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const sent = method === 'PUT' ? body : undefined;
      expect(await limits(method, randomUUID(), sent)).toMatchObject({
        status: 404,
        body: { code: 'users.not_found' },
      });
      expect((await limits(method, 'me', sent)).status).toBe(400);
      const userId = await subscriber('enterprise');
      expect((await limits(method, userId, sent, await service.token({ userId }))).status).toBe(403);
    }
  });

  it('are seen by the user whom they concern, and by nobody else', async () => {
    const [one, other] = [await subscriber('enterprise'), await subscriber('enterprise')];
    await limits('PUT', one, { callLimit: 3, minutesLimit: 60 });
    expect(await usageOf(one)).toMatchObject({ callsLimit: 3, minutesLimit: 60 });
    expect(await usageOf(other)).toMatchObject({ callsLimit: null, minutesLimit: null });
  });
});

describe('what is granted when a time has come', () => {
  it("is the free plan's allowance, although nobody has touched the period since", async () => {
    const userId = await subscriber('basic');
    expect(await reserve(userId, 40, 40)).toEqual([40, 40]);
    await service.database.query(`update user_subscriptions set grants_until = now() where user_id = $1`, [userId]);
    expect(await usageOf(userId)).toMatchObject({ callsLimit: 50, minutesLimit: 100, minutesRemaining: 20 });
    expect(await copyOf(userId)).toEqual([{ calls_limit: 500, minutes_limit: 1000 }]);
    expect(await reserve(userId, 40, 40)).toEqual([20, false]);
    expect(await copyOf(userId)).toEqual([{ calls_limit: 50, minutes_limit: 100 }]);
  });

  it('is what follows, in a new month, from the end of the recorded period on', async () => {
    const userId = await subscriber('business', `current_period_end = now() + interval '1 hour'`);
    expect(await reserve(userId, 40)).toEqual([40]);
    await service.database.query(
      `update user_subscriptions set next_plan_id = (select id from subscription_plans where slug = 'free'),
         current_period_end = date_trunc('milliseconds', now()) where user_id = $1`,
      [userId],
    );
    expect(await usageOf(userId)).toMatchObject({
      callsUsed: 0,
      callsReserved: 0,
      callsLimit: 50,
      minutesRemaining: 100,
    });
    expect(await reserve(userId, 99, 99)).toEqual([99, 1]);
    expect(await usageOf(userId)).toMatchObject({ callsReserved: 2, minutesReserved: 100, minutesRemaining: 0 });
  });
});

describe('usage warnings', () => {
  it('come at 80 % and at 100 % of what is used and reserved', async () => {
    const userId = await subscriber('enterprise');
    await limits('PUT', userId, { callLimit: null, minutesLimit: 100 });
    await reserve(userId, 79);
    expect((await usageOf(userId)).warnings).toEqual([]);
    await reserve(userId, 1);
    expect((await usageOf(userId)).warnings).toEqual([{ resource: 'minutes', threshold: 80 }]);
    await reserve(userId, 20);
    expect((await usageOf(userId)).warnings).toEqual([{ resource: 'minutes', threshold: 100 }]);
    await limits('PUT', userId, { callLimit: 3, minutesLimit: null });
    expect((await usageOf(userId)).warnings).toEqual([{ resource: 'calls', threshold: 100 }]);
    await limits('PUT', userId, { callLimit: 0, minutesLimit: 0 });
    expect((await usageOf(userId)).warnings).toEqual([
      { resource: 'calls', threshold: 100 },
      { resource: 'minutes', threshold: 100 },
    ]);
  });
});
