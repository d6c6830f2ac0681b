import { Client, Pool, type PoolClient } from 'pg';
import { ApplyCallReport } from '../../src/modules/calls/application/apply-call-report';
import { endOfCallReport } from '../../src/modules/providers/adapters/vapi/vapi.fixtures';
import { API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { type Exposition, scrape, scrapeWhere } from '../support/exposition';
import { alertRules, thresholdOf } from '../support/operations-files';
import { makeSecret } from '../support/run-record';
import { freePort, type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

/** More calls at once than the tests leave under way. */
const LIMIT = 30;
const WEBHOOK_SECRET = makeSecret('secret-of-the-late-webhooks');

/** One for all whose conditions do not disturb each other: what they leave behind are counters, and calls under way. */
let world: DispatchWorld;
/** The instance that is asked. */
let service: Service;
let queued = 0;

beforeAll(async () => {
  const environment = { BREAKER_FAILURES: '1', POLL_SILENT_AFTER_MS: '1', RECONCILE_INTERVAL_MS: '300' };
  world = await DispatchWorld.start({ environment, concurrencyLimit: LIMIT });
});
afterAll(() => world.stop());
beforeEach(() => {
  service = world.service;
});

/** What an alert compares, with the number that its rule names last. */
type Condition = (now: Exposition, threshold: number) => boolean;

const provoked: string[] = [];

/** The condition of an alert does not hold; then it is provoked, and a scrape shows that it does. */
function describeAlert(alert: string, holds: Condition, provoke: () => Promise<unknown>): void {
  provoked.push(alert);
  it(alert, async () => {
    const threshold = thresholdOf(alertRules().find((rule) => rule.alert === alert)?.expr ?? '');
    await scrapeWhere(service, (now) => !holds(now, threshold), `${alert} is not shown`);
    await provoke();
    await scrapeWhere(service, (now) => holds(now, threshold), `${alert} is shown`);
  });
}

const path = (action = '') => `/v1/admin/providers/${world.account.id}${action && `/${action}`}`;
const provider = () => ({ provider: world.account.id });

const apply = (report: Parameters<ApplyCallReport['execute']>[1]) =>
  service.app.get(ApplyCallReport, { strict: false }).execute(world.account.id, report);

async function queueSome(count: number): Promise<string[]> {
  queued += count;
  return world.queue(numbers(count, queued - count));
}

/** A call that stays under way, as its vendor and we know it. */
async function holdOne(): Promise<{ readonly callId: string; readonly attemptId: string }> {
  world.sandbox.order({ call: { holdsWhile: 'in-progress' } });
  const [id = ''] = await queueSome(1);
  return waitFor(async () => {
    const { callId, attempts } = await world.call(id);
    return callId === null ? undefined : { callId: callId as string, attemptId: attempts[0].id as string };
  }, 'the call is placed');
}

function setBack(attemptId: string, column: 'created_at' | 'placed_at'): Promise<unknown> {
  const earlier = `update call_attempts set ${column} = now() - interval '30 minutes' where id = $1`;
  return world.database.query(earlier, [attemptId]);
}

const bad = (webhooks: string) =>
  service.request('POST', `/v1/webhooks/${webhooks}`, { body: {}, headers: { 'x-vapi-secret': 'a guess' } });

describe('of providers', () => {
  afterEach(() => world.admin('POST', path('resume')));

  describeAlert(
    'RingoncePlacementsFail',
    (now, most) => {
      const all = now.sum('ringonce_placements_total', provider());
      return all > most && 1 - now.sum('ringonce_placements_total', { ...provider(), result: 'accepted' }) / all > 0.5;
    },
    async () => {
      world.sandbox.order({ times: 11, answer: { kind: 'refusal', status: 400, message: 'not like this' } });
      await queueSome(11);
    },
  );

  describeAlert(
    'RingonceWebhooksRefused',
    (now, limit) => now.sum('ringonce_provider_webhooks_total', { ...provider(), result: 'unauthenticated' }) > limit,
    async () => {
      for (let times = 0; times < 6; times += 1) await bad(`providers/${world.account.id}`);
    },
  );

  describeAlert(
    'RingonceWebhooksLate',
    (now, limit) => {
      const name = 'ringonce_provider_webhook_lag_seconds';
      const inTime = now.sum(`${name}_bucket`, { ...provider(), le: String(limit) });
      return inTime < 0.9 * now.sum(`${name}_count`, provider());
    },
    async () => {
      const credentials = { apiKey: API_KEY, webhookSecret: WEBHOOK_SECRET };
      await world.admin('PATCH', path(), { credentials });
      const endedAt = new Date(Date.now() - 600_000).toISOString();
      const headers = { 'x-vapi-secret': WEBHOOK_SECRET };
      const body = endOfCallReport({ endedAt });
      const answer = await service.request('POST', `/v1/webhooks/providers/${world.account.id}`, { body, headers });
      expect(answer.status).toBe(200);
    },
  );

  describeAlert(
    'RingonceWebhooksLost',
    (now, limit) => now.sum('ringonce_silent_calls_total', { ...provider(), answer: 'ended' }) > limit,
    async () => {
      world.sandbox.order({ times: 4, webhooks: { mode: 'lost' } });
      await queueSome(4);
    },
  );

  describeAlert(
    'RingonceProviderPaused',
    (now, limit) => now.value('ringonce_provider_paused', { ...provider(), cause: 'health' }) > limit,
    async () => {
      world.sandbox.order({ answer: { kind: 'account', status: 402 } });
      await queueSome(1);
    },
  );

  describeAlert(
    'RingonceUnknownPlacements',
    (now, limit) => now.value('ringonce_oldest_unknown_placement_age_seconds') > limit,
    async () => {
      world.sandbox.order({ answer: { kind: 'error-before', status: 503 } });
      await queueSome(1);
      const [unknown] = await waitFor(async () => {
        const rows = await world.database.query<{ id: string }>(`select id from call_attempts where state = 'unknown'`);
        return rows.length > 0 ? rows : undefined;
      }, 'the placement is unknown');
      await setBack(unknown!.id, 'created_at');
    },
  );

  describeAlert(
    'RingonceProviderDown',
    (now, limit) => now.sum('ringonce_provider_breaker_state', { ...provider(), state: 'open' }) > limit,
    async () => {
      world.sandbox.order({ answer: { kind: 'error-before', status: 503 } });
      await queueSome(1);
    },
  );
});

describe('of the queue', () => {
  afterEach(async () => {
    await world.admin('PATCH', path(), { concurrencyLimit: LIMIT });
    await world.admin('POST', path('resume'));
    await world.database.query('update dispatch_control set restored_at = null, compared_since = null');
    await world.admin('POST', '/v1/admin/queue/resume');
  });

  describeAlert(
    'RingonceStuckCalls',
    (now, limit) => now.value('ringonce_most_overdue_attempt_seconds') > limit,
    async () => setBack((await holdOne()).attemptId, 'placed_at'),
  );

  describeAlert(
    'RingonceSuspectedDoubleCall',
    (now, limit) => now.value('ringonce_suspected_double_calls_total') > limit,
    async () => {
      const { attemptId } = await holdOne();
      await apply({ providerCallId: 'another call', attemptId, progress: 'in-progress' });
    },
  );

  describeAlert(
    'RingonceCapExceeded',
    (now) =>
      now.value('ringonce_provider_slots_in_use', provider()) > now.value('ringonce_provider_slots_limit', provider()),
    async () => {
      await holdOne();
      await holdOne();
      await world.admin('PATCH', path(), { concurrencyLimit: 1 });
    },
  );

  describeAlert(
    'RingonceDueCallsWait',
    (now, limit) =>
      now.value('ringonce_oldest_due_call_age_seconds') > limit && now.value('ringonce_queue_paused') === 0,
    async () => {
      await world.admin('POST', path('pause'), {});
      const [id] = await queueSome(1);
      await world.database.query(`update call_queue set created_at = now() - interval '1 hour' where id = $1`, [id]);
    },
  );

  describeAlert(
    'RingonceQueuePaused',
    (now, limit) => now.value('ringonce_queue_paused') === limit && now.value('ringonce_queue_restored') !== limit,
    () => world.admin('POST', '/v1/admin/queue/pause'),
  );

  describeAlert(
    'RingonceDatabaseRestored',
    (now, limit) => now.value('ringonce_queue_restored') === limit,
    () => world.database.query('update dispatch_control set restored_at = now(), compared_since = now()'),
  );
});

describe('of billing', () => {
  describeAlert(
    'RingonceOversold',
    (now, limit) => now.value('ringonce_oversold_periods') > limit,
    async () => {
      await holdOne();
      await oversell();
    },
  );

  it('RingonceOversold does not take a limit that came down for it', async () => {
    await holdOne();
    await oversell();
    await scrapeWhere(service, (now) => now.value('ringonce_oversold_periods') === 1, 'it is oversold');
    await world.database.query('update user_subscriptions set fetched_at = now()');
    await scrapeWhere(service, (now) => now.value('ringonce_oversold_periods') === 0, 'it may be a smaller plan');
  });

  /** Takes away what is reserved, as nobody may, long after the subscription last changed. */
  async function oversell(): Promise<void> {
    await world.database.query(`
      set session_replication_role = replica;
      update user_subscriptions set updated_at = now() - interval '1 day';
      update subscription_plans set updated_at = now() - interval '1 day';
      update user_plan_limits set updated_at = now() - interval '1 day';
      update user_call_usage set calls_limit = 0 where calls_reserved > 0;
      reset session_replication_role`);
  }

  describeAlert(
    'RingonceMinutesOverrun',
    (now, limit) => now.value('ringonce_minutes_overrun_total') > limit,
    async () => {
      const { attemptId, callId } = await holdOne();
      const end = { progress: 'ended', outcome: 'completed', durationSeconds: 100_000 } as const;
      await apply({ providerCallId: callId, attemptId, startedAt: new Date(), ...end });
    },
  );

  describeAlert(
    'RingonceStripeBacklog',
    (now, limit) => now.value('ringonce_oldest_stripe_event_age_seconds') > limit,
    () =>
      world.database.query(`
        insert into stripe_events (id, type, created, payload, customer_id, status, received_at, next_attempt_at)
        values ('evt_stuck', 'invoice.paid', now(), '{}', 'cus_stuck', 'failed', now() - interval '1 hour',
                now() + interval '1 hour')`),
  );

  describeAlert(
    'RingonceStripeWebhooksRefused',
    (now, limit) =>
      now.sum('ringonce_stripe_webhooks_total') - now.sum('ringonce_stripe_webhooks_total', { result: 'taken' }) >
      limit,
    async () => {
      for (let times = 0; times < 6; times += 1) await bad('stripe');
    },
  );
});

describe('of the service and its database', () => {
  let lonely: Service;
  let other: Service;

  beforeAll(async () => {
    const nowhere = `postgresql://nobody@127.0.0.1:${String(await freePort())}/nothing`;
    lonely = await startService({ environment: { DATABASE_URL: nowhere }, database: world.database });
    other = await startService();
  });
  afterAll(async () => {
    await lonely.stop();
    await other.stop();
  });

  describeAlert(
    'RingonceServerErrors',
    (now, share) => {
      const name = 'ringonce_http_request_duration_seconds_count';
      return now.sum(name, { status: '503' }) / now.sum(name) > share;
    },
    async () => {
      service = lonely;
      expect((await service.request('GET', '/v1/plans')).status).toBe(503);
    },
  );

  describeAlert(
    'RingonceDatabaseAway',
    (now, value) => now.value('ringonce_database_up') === value,
    async () => void (service = lonely),
  );

  describe('with others at the tables', () => {
    const clients: PoolClient[] = [];
    let somebody: Client;

    beforeEach(async () => {
      service = other;
      somebody = new Client({ connectionString: other.database.superuserUrl });
      await somebody.connect();
    });
    afterEach(async () => {
      await somebody.end();
      for (const client of clients.splice(0)) client.release();
    });

    describeAlert(
      'RingonceReadingFails',
      (now, value) =>
        now.value('ringonce_reading_success', { reading: 'usage' }) === value &&
        now.value('ringonce_database_up') === 1 &&
        now.values('ringonce_oversold_periods').length === 0,
      () => somebody.query('begin; lock table user_call_usage in access exclusive mode'),
    );

    describeAlert(
      'RingonceDatabasePoolExhausted',
      (now, limit) => now.value('ringonce_database_pool_waiting') > limit,
      async () => {
        const pool = service.app.get(Pool);
        while (clients.length < pool.options.max) clients.push(await pool.connect());
        void pool.connect().then(
          (client) => client.release(),
          () => undefined,
        );
      },
    );
  });

  describeAlert(
    'RingonceEventLoopSlow',
    (now, limit) => now.value('nodejs_eventloop_lag_p99_seconds') > limit,
    async () => {
      // The first time is not noticed: a scrape has just begun to count anew.
      for (let times = 0; times < 3; times += 1) {
        const until = performance.now() + 400;
        while (performance.now() < until);
        await new Promise((resolve) => setTimeout(resolve));
      }
    },
  );

  const DOWN = ['RingonceDown', 'RingonceInstanceDown'];
  provoked.push(...DOWN);
  it(DOWN.join(' and '), async () => {
    service = await startService();
    expect((await scrape(service)).samples).not.toEqual([]);
    await service.stop();
    await expect(scrape(service)).rejects.toThrow();
  });
});

it('every rule is among them', () => {
  expect([...provoked].sort()).toEqual(
    alertRules()
      .map(({ alert }) => alert)
      .sort(),
  );
});
