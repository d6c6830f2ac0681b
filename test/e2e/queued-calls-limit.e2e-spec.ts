import { Client } from 'pg';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

const LIMIT = 4;
const recipientNumber = '+12025550123';
const later = new Date(Date.now() + 60 * 86_400_000).toISOString();

describe('how many calls of one user may wait', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    await world.database.query(
      `update subscription_plans set queued_calls_limit = $1 where slug = 'enterprise' and interval = 'yearly'`,
      [LIMIT],
    );
  });
  afterAll(() => service.stop());
  beforeEach(async () => {
    user = await world.subscribedUser();
    templateId = await world.template(user);
  });

  const queue = (scheduledTime?: string) =>
    user.request('POST', '/v1/calls', { body: { templateId, recipientNumber, scheduledTime } });
  const batch = (size: number) =>
    user.request('POST', '/v1/calls/batch', {
      body: { templateId, calls: Array.from({ length: size }, () => ({ recipientNumber })) },
    });
  const insert = (size: number) => world.asUser(user, insertion(user, templateId, size));

  it('is limited whenever they are due, and one that is canceled makes room', async () => {
    const { body: first } = await queue(later);
    for (let count = 1; count < LIMIT; count += 1) expect((await queue(later)).status).toBe(201);
    const refused = await queue(later);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      402,
      'billing.quota_exceeded',
      'As many calls wait already as the plan lets wait at a time.',
    ]);
    expect((await queue()).status).toBe(402);
    await user.request('POST', `/v1/calls/${first.id}/cancel`);
    expect((await queue()).status).toBe(201);
  });

  it('refuses of a batch what goes beyond', async () => {
    await queue();
    const { status, body } = await batch(LIMIT);
    expect(status).toBe(200);
    expect(body.accepted).toHaveLength(LIMIT - 1);
    expect(body.rejected).toMatchObject([{ index: LIMIT - 1, code: 'billing.quota_exceeded' }]);
  });

  it('holds for rows that come straight into the table, too, all or none of a statement', async () => {
    await insert(LIMIT - 1);
    await expect(insert(2)).rejects.toMatchObject({ code: '23514', constraint: 'call_queue_queued_calls_limit' });
    await insert(1);
    await expect(insert(1)).rejects.toThrow('no more than 4 calls may wait at a time');
    expect((await queue()).status).toBe(402);
  });

  it('is zero without a subscription, whatever the profile says', async () => {
    const guest = await world.user({ isActive: true });
    await expect(world.asUser(guest, insertion(guest, await world.template(guest), 1))).rejects.toMatchObject({
      constraint: 'call_queue_queued_calls_limit',
    });
  });

  it("is each user's own", async () => {
    await insert(LIMIT);
    const other = await world.subscribedUser();
    await world.asUser(other, insertion(other, await world.template(other), LIMIT));
  });

  it('does not hold for what the service writes, nor for a plan without such a limit', async () => {
    await world.database.query(insertion(user, templateId, LIMIT + 1));
    await world.database.query(
      `update user_subscriptions set plan_id = (
      select id from subscription_plans where slug = 'business' and interval = 'yearly') where user_id = $1`,
      [user.id],
    );
    await world.database.query(`update subscription_plans set queued_calls_limit = null where slug = 'business'`);
    await insert(LIMIT + 1);
    expect((await queue()).status).toBe(201);
  });

  it('answers the same to a request that others overtook after it had looked', async () => {
    const other = new Client({ connectionString: world.database.superuserUrl });
    await other.connect();
    await other.query('begin; lock table call_queue in share mode');
    const late = queue();
    await waitFor(async () => {
      const rows = await world.database.query(
        `select from pg_locks where relation = 'call_queue'::regclass and not granted`,
      );
      return rows.length > 0;
    }, 'the request waits to insert');
    await other.query(insertion(user, templateId, LIMIT));
    await other.query('commit');
    await other.end();
    expect([(await late).status, (await late).body.code]).toEqual([402, 'billing.quota_exceeded']);
  });
});

function insertion(user: TestUser, templateId: string, size: number): string {
  return `insert into call_queue (user_id, recipient_number, template_id)
    select '${user.id}', '${recipientNumber}', '${templateId}' from generate_series(1, ${String(size)})`;
}
