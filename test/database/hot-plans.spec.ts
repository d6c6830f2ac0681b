import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pool } from 'pg';
import { createApplication } from '../../src/application';
import { BillingWatch } from '../../src/modules/billing/application/ports/billing-watch.port';
import { PaymentEvents } from '../../src/modules/billing/application/ports/payment-events.port';
import { GetUsage } from '../../src/modules/billing/application/get-usage';
import { ListUsageEntries } from '../../src/modules/billing/application/list-usage-entries';
import { ApplyCallReport } from '../../src/modules/calls/application/apply-call-report';
import { CancelCall } from '../../src/modules/calls/application/cancel-call';
import { ClaimCalls, type ClaimedAttempt } from '../../src/modules/calls/application/claim-calls';
import { GetCall } from '../../src/modules/calls/application/get-call';
import { GetCallRecord } from '../../src/modules/calls/application/get-call-record';
import { GiveUpPlacement } from '../../src/modules/calls/application/give-up-placement';
import { ListAllCalls } from '../../src/modules/calls/application/list-all-calls';
import { ListCallRecords } from '../../src/modules/calls/application/list-call-records';
import { ListCalls } from '../../src/modules/calls/application/list-calls';
import { DispatchQueue } from '../../src/modules/calls/application/ports/dispatch-queue.port';
import { LiveCalls } from '../../src/modules/calls/application/ports/live-calls.port';
import { QueueCall } from '../../src/modules/calls/application/queue-call';
import { QueueCallBatch } from '../../src/modules/calls/application/queue-call-batch';
import { QueueDispatcher } from '../../src/modules/calls/application/queue-dispatcher';
import { RecordPlacement } from '../../src/modules/calls/application/record-placement';
import { ReleaseUnsent } from '../../src/modules/calls/application/release-unsent';
import { RetryCall } from '../../src/modules/calls/application/retry-call';
import { ViewQueue } from '../../src/modules/calls/application/view-queue';
import type { CallStatus } from '../../src/modules/calls/domain/call-status';
import { CreateProvider } from '../../src/modules/providers/application/create-provider';
import type { CallReport } from '../../src/modules/providers/public/call-provider.port';
import { readSettings } from '../../src/settings';
import { IdempotencyKeys } from '../../src/shared/http/idempotency-keys.port';
import type { Page } from '../../src/shared/kernel/page';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { LargeTables } from '../support/large-tables';
import { makeSecret } from '../support/run-record';
import { CREDENTIALS_KEYS, JWT_SECRET } from '../support/service';
import { type StatementPlan, StatementPlans } from '../support/statement-plans';
import { planRows } from '../support/test-environment';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

const ROWS = planRows();
const IS_LONG = ROWS > 100_000;
/** Few calls each, but for the one whose requests are looked at. */
const USERS = ROWS / 4;
/** Calls of that one which are over, and which wait. */
const OWN = { finished: ROWS / 20, waiting: 100 };
const BATCH = 10;
/** Calls at once that the provider allows: an open attempt may be counted, one that is over may not. */
const SLOTS = 100;
const PAGE = 10;
/** So much of a statement tells which one it is. */
const LEGIBLE = 300;
const HOUR_MS = 3_600_000;

/** Tables that grow with every call, or with every user. */
const LARGE = [
  'call_queue',
  'call_attempts',
  'user_call_history',
  'usage_ledger_entries',
  'user_call_usage',
  'stripe_events',
  'idempotency_keys',
  'user_profiles',
  'user_subscriptions',
  'users',
];

jest.setTimeout(IS_LONG ? 30 * 60_000 : 60_000);

describe(`with ${ROWS} rows in the large tables`, () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let plans: StatementPlans;
  let tables: LargeTables;
  let providerId: string;
  let templateId: string;
  let user: { readonly sub: string };
  const claimed: ClaimedAttempt[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    await StatementPlans.prepare(database);
    const settings = readSettings({ DATABASE_URL: database.url, SUPABASE_JWT_SECRET: JWT_SECRET, CREDENTIALS_KEYS });
    app = await createApplication(settings, { logger: false });
    // The calls of this test are placed by the test.
    await app.get(QueueDispatcher).stop();
    plans = new StatementPlans(app.get(Pool));
    tables = new LargeTables(database.query);
    await tables.addUsers(USERS);
    providerId = await addProvider();
    templateId = await tables.addTemplate(providerId);
    const [row] = await database.query<{ id: string }>('select id from user_profiles order by id limit 1');
    user = { sub: row!.id };
    await tables.addFinished(ROWS);
    await tables.addFinished(OWN.finished, user.sub);
    await tables.addWaiting(ROWS / 2, 'tomorrow');
    await tables.addWaiting(OWN.waiting, 'tomorrow', user.sub);
    await addOtherRows();
    await database.query('vacuum (analyze)');
  });
  afterAll(async () => {
    await app.close();
    // A million rows are more than the search for secrets at the end of the run can keep.
    if (IS_LONG) await tables.empty();
    await database.drop();
  });

  async function addProvider(): Promise<string> {
    const provider = {
      name: 'Vapi',
      driver: 'vapi',
      type: 'voice',
      credentials: { apiKey: makeSecret('hot-plans') },
      baseUrl: 'http://127.0.0.1:9',
      concurrencyLimit: SLOTS,
      priority: 1,
      isActive: true,
    } as const;
    return (await app.get(CreateProvider).execute(provider)).id;
  }

  /** What the payment side told, nearly all of it worked off, and keys of requests of the last day. */
  async function addOtherRows(): Promise<void> {
    await database.query(
      `insert into stripe_events (id, type, created, payload, status, processed_at, customer_id)
       select 'evt_' || number, 'invoice.paid', now(), '{}', case when number % 1000 = 0 then 'failed' else 'processed' end,
              case when number % 1000 > 0 then now() - number * interval '1 second' end, 'cus_' || number % 1000
         from generate_series(1, $1::int) as number`,
      [ROWS],
    );
    await database.query(
      `insert into idempotency_keys (subject, key, route, request_hash, status, response, created_at)
       select 'somebody ' || number % 100, number, 'POST /v1/calls', md5(number::text), 201, '{}',
              now() - number * interval '1 day' / $1::int
         from generate_series(1, $1::int) as number`,
      [ROWS],
    );
  }

  /** Fails unless every statement found its rows by an index, and looked at no more of them than it needs. */
  async function expectFew(mostRows: number, work: () => Promise<unknown>): Promise<void> {
    const executed = await plans.of(work);
    expect(executed).not.toHaveLength(0);
    expect(executed.flatMap((plan) => problemsOf(plan, mostRows))).toEqual([]);
  }

  const get = <T>(type: abstract new (...parameters: never[]) => T): T => app.get<T>(type);
  const claim = async () => {
    claimed.push(...(await app.get(ClaimCalls).execute(BATCH, 'test')).attempts);
  };

  describe('when nothing is due', () => {
    it('looks at the queue', () => expectFew(5, () => get(DispatchQueue).outlook()));
    it('claims in vain', () => expectFew(5, claim));
  });

  describe('when many calls are due', () => {
    beforeAll(async () => {
      await tables.addWaiting(ROWS / 2);
      await database.query('analyze');
    });

    it('looks at the queue', () => expectFew(5, () => get(DispatchQueue).outlook()));

    it('claims, time and again', async () => {
      for (let claims = 0; claims < 5; claims += 1) await expectFew(SLOTS, claim);
      expect(claimed).toHaveLength(5 * BATCH);
    });

    it('records what the vendor answered', async () => {
      const record = get(RecordPlacement);
      for (const attempt of claimed.slice(0, 4))
        await expectFew(5, () => record.execute(attempt, { kind: 'accepted', providerCallId: `call ${attempt.id}` }));
      const [refused, unknown, unsent] = claimed.slice(4);
      await expectFew(5, () =>
        record.execute(refused!, { kind: 'refused', refusal: 'unreachable', detail: 'nobody was there' }),
      );
      await expectFew(5, () => record.execute(unknown!, { kind: 'unknown', cause: 'timeout' }));
      await expectFew(5, () => get(ReleaseUnsent).execute(unsent!.id));
    });

    it('claims beside calls that were put back', () => expectFew(SLOTS, claim));

    it('takes in reports', async () => {
      const [first, second] = claimed;
      const apply = (attempt: ClaimedAttempt, report: Omit<CallReport, 'providerCallId'>) =>
        expectFew(5, () =>
          get(ApplyCallReport).execute(providerId, { providerCallId: `call ${attempt.id}`, ...report }),
        );
      await apply(first!, { progress: 'in-progress', attemptId: first!.id, startedAt: new Date() });
      await apply(first!, { progress: 'ended', outcome: 'completed', endedReason: 'hung up' });
      await apply(first!, { progress: 'ended', outcome: 'completed', durationSeconds: 30, transcript: 'Hello' });
      await apply(second!, { progress: 'ended', outcome: 'no_answer', durationSeconds: 0 });
    });

    it('looks after calls that are under way', async () => {
      const calls = get(LiveCalls);
      await expectFew(3 * SLOTS, () => calls.orphanPlacing(HOUR_MS));
      await expectFew(3 * SLOTS, () => calls.takeUnknown(HOUR_MS, 50));
      await expectFew(3 * SLOTS, () => calls.unprovenSince(HOUR_MS, 3, HOUR_MS));
      await expectFew(3 * SLOTS, () => calls.takeSilent(0, 50));
      await expectFew(3 * SLOTS, () => calls.overstayed(HOUR_MS));
      await expectFew(3 * SLOTS, () => calls.unmeasuredSince(HOUR_MS));
      await expectFew(3 * SLOTS, () => calls.takeHangUps(HOUR_MS, 50));
      await expectFew(5, () => get(GiveUpPlacement).execute(claimed[5]!.id));
    });

    it('looks for placements of its own that it has lost', () =>
      expectFew(SLOTS, () =>
        get(ReleaseUnsent).lostClaims(
          'test',
          claimed.map(({ id }) => id),
        ),
      ));

    it('shows the queue to administrators, with a walk along the calls that wait', () =>
      // Grows with what waits, up to a limit, and never with what is over.
      expectFew(2 * ROWS, () => get(ViewQueue).execute()));
  });

  describe('a request', () => {
    const order = () => ({ templateId, recipientNumber: '+12025550123', customVariables: {} });
    let queuedId: string;

    it('queues a call', () =>
      expectFew(OWN.waiting + 10, async () => {
        queuedId = (await get(QueueCall).execute(user, order())).id;
      }));

    it('queues a batch', () =>
      expectFew(100 + OWN.waiting + 10, () => {
        const calls = Array.from({ length: 100 }, () => ({ ...order(), scheduledTime: undefined }));
        return get(QueueCallBatch).execute(user, { templateId, calls });
      }));

    it('reads, cancels and retries a call', async () => {
      await expectFew(5, () => get(GetCall).execute(user, queuedId));
      await expectFew(5, () => get(CancelCall).execute(user, queuedId));
      await expectFew(OWN.waiting + 150, () => get(RetryCall).execute(user, queuedId));
    });

    it('keeps and finds the answer to a key', () => {
      const key = { subject: user.sub, key: randomUUID() };
      const answer = { route: 'POST /v1/calls', requestHash: 'x', status: 201, response: {} };
      return expectFew(10, () =>
        get(UnitOfWork).run(async () => {
          await get(IdempotencyKeys).take(key);
          await get(IdempotencyKeys).keep(key, answer);
          await get(IdempotencyKeys).find(key);
        }),
      );
    });

    it('asks for usage and its lines', async () => {
      await expectFew(5, () => get(GetUsage).execute(user));
      await expectPages((page) => get(ListUsageEntries).execute(user, page));
    });

    it('lists the history', async () => {
      await expectPages((page) => get(ListCallRecords).execute(user, {}, page));
      const { items } = await get(ListCallRecords).execute(user, {}, { limit: 1 });
      await expectFew(2, () => get(GetCallRecord).execute(user, items[0]!.id));
    });

    it('lists calls', () => expectPages((page) => get(ListCalls).execute(user, undefined, page)));

    it.each<CallStatus>(['queued', 'in-progress', 'completed', 'failed', 'canceled'])('lists %s calls', (status) =>
      expectFew(60 * PAGE, () => get(ListCalls).execute(user, status, { limit: PAGE })),
    );

    it('lists the calls of everybody', () => expectPages((page) => get(ListAllCalls).execute({}, page)));

    it.each<CallStatus>(['queued', 'in-progress', 'completed', 'failed', 'canceled'])(
      'lists the %s calls of everybody',
      (status) => expectFew(60 * PAGE, () => get(ListAllCalls).execute({ status }, { limit: PAGE })),
    );

    /** The first page, and the one behind it. */
    async function expectPages(
      list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<unknown>>,
    ): Promise<void> {
      let cursor: string | null = null;
      await expectFew(2 * PAGE, async () => ({ nextCursor: cursor } = await list({ limit: PAGE })));
      expect(cursor).not.toBeNull();
      await expectFew(2 * PAGE, () => list({ limit: PAGE, cursor: cursor! }));
    }
  });

  describe('a scrape of the metrics', () => {
    it('looks for oversold periods among those that go on', () =>
      expectFew(SLOTS, () => get(BillingWatch).oversoldPeriods()));

    it('counts events that wait', () => expectFew(ROWS / 1_000 + 10, () => get(BillingWatch).backlog()));
  });

  describe('an event of the payment side', () => {
    const event = { id: 'evt_new', type: 'invoice.paid', apiVersion: null, createdAt: new Date(), payload: {} };

    it('is stored, claimed, worked off and forgotten', async () => {
      const events = get(PaymentEvents);
      await expectFew(5, () => events.store({ ...event, customerId: 'cus_new', userId: user.sub }));
      const waiting = ROWS / 1_000 + 10;
      await expectFew(waiting, async () => {
        const found = await events.claim(60_000);
        await events.finish(found!, null);
      });
      await expectFew(50, () => events.forget(HOUR_MS, 20));
    });
  });
});

function problemsOf({ text, scans }: StatementPlan, mostRows: number): string[] {
  const ofLarge = scans.filter(({ table }) => LARGE.includes(table));
  const walked = ofLarge.filter(({ way, rows }) => way === 'Seq Scan' && rows > 0);
  const statement = text.slice(0, LEGIBLE);
  const rows = Math.max(0, ...ofLarge.map((scan) => scan.rows));
  return [
    ...walked.map(({ table, rows: all }) => `walks through ${table} (${all} rows): ${statement}`),
    ...(rows > mostRows ? [`reads ${rows} rows instead of ${mostRows}: ${JSON.stringify(ofLarge)} ${statement}`] : []),
  ];
}
