import { Pool } from 'pg';
import { LookAtQueue } from '../../src/modules/calls/application/look-at-queue';
import { QueueDispatcher } from '../../src/modules/calls/application/queue-dispatcher';
import { type OpenSession, openSession } from '../../src/shared/database/connection';
import { DatabaseNotifications } from '../../src/shared/database/database-notifications';
import { DispatchWorld, numbers } from '../support/dispatch-world';
import { waitUntilBlocked } from '../support/held-work';
import { TcpPassage } from '../support/tcp-passage';
import { createTestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

const INTERVAL_MS = 50;
/** What the service lets pass before a probe fails. */
const LISTEN_GRACE_MS = 30_000;
const LONGEST_WITHOUT_BEAT_MS = 30_000 + 5 * INTERVAL_MS;

let world: DispatchWorld;
let listenPassage: TcpPassage;
let isListenRefused: boolean;
let aheadMs: number;

beforeEach(async () => {
  const database = await createTestDatabase();
  const direct = new URL(database.url);
  isListenRefused = false;
  listenPassage = await TcpPassage.open(() => (isListenRefused ? undefined : Number(direct.port)));
  const through = new URL(direct);
  through.port = String(listenPassage.port);
  const environment = { DATABASE_DIRECT_URL: through.href, DISPATCH_INTERVAL_MS: String(INTERVAL_MS) };
  const now = performance.now.bind(performance);
  aheadMs = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
  world = await DispatchWorld.start({ database, environment });
});
afterEach(async () => {
  await world.stop();
  await listenPassage.close();
});

const ready = () => world.service.request('GET', '/health/ready');
const untilReady = () => waitFor(async () => (await ready()).status === 200, 'the service is ready');
const ALL_WELL = { database: 'ok', migrations: 'ok', listen: 'ok', dispatcher: 'ok' };

/** The queue has been looked at since the clock was moved. */
const untilLookedAt = () =>
  waitFor(() => world.service.app.get(LookAtQueue, { strict: false }).ageMs < aheadMs, 'the queue is looked at');

/** Where anything is due, a claim has been over since the clock was moved. */
const untilClaimed = () =>
  waitFor(() => {
    const { dueForMs } = world.service.app.get(LookAtQueue, { strict: false });
    return Math.min(dueForMs, world.service.app.get(QueueDispatcher, { strict: false }).ageMs) < aheadMs;
  }, 'the dispatcher claims');

async function holding(statement: string): Promise<OpenSession> {
  const session = await openSession(world.database.superuserUrl);
  await session.query(`begin; ${statement}`);
  return session;
}

it('is given as soon as the service listens', async () => {
  expect(await ready()).toMatchObject({ status: 200, body: { status: 'ok', checks: ALL_WELL } });
});

describe('without the session that listens', () => {
  const end = async () => {
    isListenRefused = true;
    await world.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    );
    const notifications = world.service.app.get(DatabaseNotifications);
    await waitFor(() => !notifications.isConnected, 'the session is lost');
  };

  it('is left for as long as a reconnection takes, then gone, and comes back with the session', async () => {
    await end();
    aheadMs = LISTEN_GRACE_MS - 5_000;
    await untilReady();
    aheadMs = LISTEN_GRACE_MS + 5_000;
    await untilLookedAt();
    expect(await ready()).toMatchObject({ status: 503, body: { checks: { ...ALL_WELL, listen: 'failed' } } });
    isListenRefused = false;
    await untilReady();
  });

  it('calls go out all the same', async () => {
    await end();
    await world.queue(numbers(2));
    await world.settled();
    expect(world.sandbox.posts).toHaveLength(2);
  });
});

describe('a burst that lends out every connection', () => {
  it('leaves it as long as any of them is given back', async () => {
    await untilReady();
    const pool = world.service.app.get(Pool);
    const lent = await Promise.all(Array.from({ length: pool.options.max - 1 }, () => pool.connect()));
    // One connection is left for all of them, who are served in turn.
    const burst = Array.from({ length: 100 }, () => pool.query('select pg_sleep(0.05)').catch(() => undefined));
    aheadMs = 2_000;
    const answer = await ready();
    for (const client of lent) client.release();
    await Promise.all(burst);
    expect(answer).toMatchObject({ status: 200, body: { checks: ALL_WELL } });
  });
});

describe('a dispatcher that is stuck', () => {
  it('looking at the queue: is not ready until it can look again', async () => {
    const lock = await holding('lock table call_queue in access exclusive mode');
    await waitUntilBlocked(world.database, 1);
    expect((await ready()).status).toBe(200);
    aheadMs = LONGEST_WITHOUT_BEAT_MS + 5_000;
    expect(await ready()).toMatchObject({ status: 503, body: { checks: { ...ALL_WELL, dispatcher: 'failed' } } });
    await lock.close();
    await untilReady();
  });

  it('claiming what is due: is not ready until the claim is over', async () => {
    const lock = await holding('select from call_service_providers for update');
    await world.queue(numbers(1));
    await waitUntilBlocked(world.database, 1);
    await waitFor(() => world.service.app.get(LookAtQueue, { strict: false }).dueForMs > 0, 'the call is seen');
    aheadMs = LONGEST_WITHOUT_BEAT_MS + 5_000;
    await untilLookedAt();
    expect(await ready()).toMatchObject({ status: 503, body: { checks: { ...ALL_WELL, dispatcher: 'failed' } } });
    await lock.close();
    await untilReady();
    await world.settled();
  });
});

describe('a dispatcher with nothing to do', () => {
  it.each([
    ['because nothing is due', async () => undefined],
    [
      'because the queue is paused',
      async () => {
        await world.service.request('POST', '/v1/admin/queue/pause', {
          token: world.adminToken,
          body: { reason: 'x' },
        });
        await world.queue(numbers(1));
      },
    ],
    [
      'because every slot is taken',
      async () => {
        world.sandbox.order({ times: 'always', call: { holdsWhile: 'in-progress' } });
        await world.queue(numbers(11));
        await world.sandbox.waitFor((sandbox) => sandbox.liveCalls === 10);
      },
    ],
  ])('%s is ready', async (_, prepare) => {
    await prepare();
    aheadMs = 10 * LONGEST_WITHOUT_BEAT_MS;
    await untilLookedAt();
    await untilClaimed();
    // Once: one that is fit now and then is none.
    expect(await ready()).toMatchObject({ status: 200, body: { checks: ALL_WELL } });
  });
});
