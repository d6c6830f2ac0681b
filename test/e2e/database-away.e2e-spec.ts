import { openSession } from '../../src/shared/database/connection';
import { DispatchWorld, numbers } from '../support/dispatch-world';
import { waitUntilBlocked } from '../support/held-work';
import { TcpPassage } from '../support/tcp-passage';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

/** As many as the service opens. */
const CONNECTIONS = 20;

let world: DispatchWorld;
let passage: TcpPassage;
let isAway = false;

beforeEach(async () => {
  const database = await createTestDatabase();
  const direct = new URL(database.url);
  isAway = false;
  passage = await TcpPassage.open(() => (isAway ? undefined : Number(direct.port)));
  const through = new URL(direct);
  through.port = String(passage.port);
  // The steady look is far away: what resumes does so because the database is back.
  const environment = { DATABASE_URL: through.href, DISPATCH_INTERVAL_MS: '60000', RECONCILE_INTERVAL_MS: '300' };
  world = await DispatchWorld.start({ database, environment });
});
afterEach(async () => {
  isAway = false;
  await world.stop();
  await passage.close();
});

function cut(): void {
  isAway = true;
  passage.cut(() => true);
}

/** A call that comes straight into the table, past the service and while it may see nothing. */
async function insert(recipientNumber: string): Promise<void> {
  await world.database.query(`insert into call_queue (user_id, recipient_number, template_id) values ($1, $2, $3)`, [
    world.userId,
    recipientNumber,
    world.templateId,
  ]);
}

const user = (method: string, path: string, body?: unknown) =>
  world.service.request(method, path, { token: world.userToken, ...(body !== undefined && { body }) });
const order = (recipientNumber: string) => ({ templateId: world.templateId, recipientNumber });
const dials = () => world.sandbox.calls.map(({ customerNumber }) => customerNumber).sort();
const GONE = { status: 503, body: { code: 'request.database_unavailable' } };

describe('while the database is away', () => {
  it('requests are told when to come back, and dispatch goes on by itself once it is there', async () => {
    const [before, meanwhile, after] = numbers(3) as [string, string, string];
    await insert(before);
    await world.settled();
    cut();
    for (const answer of [
      await user('GET', '/v1/calls'),
      await user('POST', '/v1/calls', order(meanwhile)),
      await world.service.request('GET', '/v1/admin/queue', { token: world.adminToken }),
    ]) {
      expect(answer).toMatchObject(GONE);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await world.service.request('GET', '/health/ready')).status).toBe(503);
    expect((await world.service.request('GET', '/health/live')).status).toBe(200);
    await insert(meanwhile);
    expect(dials()).toEqual([before]);
    isAway = false;
    await world.settled();
    await insert(after);
    await world.settled();
    expect(dials()).toEqual([before, meanwhile, after]);
    const isReady = async () => (await world.service.request('GET', '/health/ready')).status === 200;
    await waitFor(isReady, 'the service is ready again');
  });

  it('placements under way are recorded once it is back, and nobody is called twice', async () => {
    world.sandbox.order({ times: 'always', answer: { kind: 'slow-answer', delayMs: 200 } });
    const recipients = numbers(6);
    await world.queue(recipients);
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length === recipients.length);
    cut();
    await world.sandbox.waitFor((sandbox) => sandbox.calls.length === recipients.length);
    await waitFor(async () => (await user('GET', '/v1/calls')).status === 503, 'requests are refused');
    isAway = false;
    await world.settled();
    await world.measured();
    expect(dials()).toEqual([...recipients].sort());
    expect(world.sandbox.posts).toHaveLength(recipients.length);
    expect(await world.database.query('select from user_call_history')).toHaveLength(recipients.length);
    expect(await world.database.query('select calls_used, calls_reserved from user_call_usage')).toEqual([
      { calls_used: recipients.length, calls_reserved: 0 },
    ]);
  });
});

describe('a database that only reads, as a standby does that takes over', () => {
  const readOnly = async (is: boolean) => {
    await world.database.query(
      `alter database ${world.database.name} set default_transaction_read_only = ${String(is)}`,
    );
    await world.database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'ringonce'`);
  };

  it('refuses what would write with 503, and is dispatched from again when it writes', async () => {
    await readOnly(true);
    const [number] = numbers(1) as [string];
    await waitFor(async () => (await user('POST', '/v1/calls', order(number))).status === 503, 'writing is refused');
    expect(await user('POST', '/v1/calls', order(number))).toMatchObject(GONE);
    expect((await user('GET', '/v1/calls')).status).toBe(200);
    await readOnly(false);
    await waitFor(async () => (await user('POST', '/v1/calls', order(number))).status === 201, 'writing is possible');
    await world.settled();
    expect(dials()).toEqual([number]);
  });
});

describe('a database whose connections are all taken', () => {
  it('refuses requests with 503 instead of letting them wait for ever, and serves on when one is free', async () => {
    const blocker = await openSession(world.database.superuserUrl);
    await blocker.query('begin; lock table user_profiles in access exclusive mode');
    const stuck = Array.from({ length: CONNECTIONS }, () => user('GET', '/v1/me'));
    await waitUntilBlocked(world.database, CONNECTIONS);
    expect(await user('GET', '/v1/calls')).toMatchObject(GONE);
    expect((await world.service.request('GET', '/health/live')).status).toBe(200);
    await blocker.close();
    expect((await Promise.all(stuck)).map(({ status }) => status)).toEqual(stuck.map(() => 200));
    expect((await user('GET', '/v1/calls')).status).toBe(200);
  });
});
