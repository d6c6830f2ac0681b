import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Pool } from 'pg';
import { createApplication } from '../../src/application';
import { ApplyCallReport } from '../../src/modules/calls/application/apply-call-report';
import { ClaimCalls, type ClaimedAttempt } from '../../src/modules/calls/application/claim-calls';
import { DispatchQueue } from '../../src/modules/calls/application/ports/dispatch-queue.port';
import { QueueCall } from '../../src/modules/calls/application/queue-call';
import { QueueDispatcher } from '../../src/modules/calls/application/queue-dispatcher';
import { RecordPlacement } from '../../src/modules/calls/application/record-placement';
import { CreateProvider } from '../../src/modules/providers/application/create-provider';
import { readSettings } from '../../src/settings';
import { IdempotencyKeys } from '../../src/shared/http/idempotency-keys.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { LargeTables } from '../support/large-tables';
import { makeSecret } from '../support/run-record';
import { CREDENTIALS_KEYS, JWT_SECRET } from '../support/service';
import { type StatementPlan, StatementPlans } from '../support/statement-plans';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

/** More often than PostgreSQL plans a prepared statement anew. */
const OFTEN = 8;
const ROWS = 3_000;
const GROWING = ['call_queue', 'call_attempts', 'user_call_history', 'usage_ledger_entries', 'idempotency_keys'];

/**
 * A connection keeps the plans of a function's statements until PostgreSQL looks at the tables again. In a quiet hour these
 * are empty, and then nothing is as cheap as reading all of them; what comes in the minutes after it must not.
 */
describe('plans that a connection made while the tables were empty', () => {
  let database: TestDatabase;
  let app: NestFastifyApplication;
  let plans: StatementPlans;
  let providerId: string;
  let templateId: string;
  let user: { readonly sub: string };

  beforeAll(async () => {
    database = await createTestDatabase();
    await StatementPlans.prepare(database);
    for (const table of GROWING) await database.query(`alter table ${table} set (autovacuum_enabled = off)`);
    await database.query('vacuum (analyze)');
    const settings = readSettings({ DATABASE_URL: database.url, SUPABASE_JWT_SECRET: JWT_SECRET, CREDENTIALS_KEYS });
    app = await createApplication(settings, { logger: false });
    await app.get(QueueDispatcher).stop();
    plans = new StatementPlans(app.get(Pool));
    const tables = new LargeTables(database.query);
    await tables.addUsers(50);
    providerId = await addProvider();
    templateId = await tables.addTemplate(providerId);
    user = { sub: (await database.query<{ id: string }>('select id from user_profiles order by id limit 1'))[0]!.id };
    for (let turn = 0; turn < OFTEN; turn += 1) await live(claim);
    await tables.addFinished(ROWS);
    await tables.addWaiting(ROWS, 'tomorrow');
    await database.query(
      `insert into idempotency_keys (subject, key, route, request_hash, status, response)
       select 'somebody', number, 'POST /v1/calls', 'x', 201, '{}' from generate_series(1, $1::int) as number`,
      [ROWS],
    );
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  async function addProvider(): Promise<string> {
    const provider = {
      name: 'Vapi',
      driver: 'vapi',
      type: 'voice',
      credentials: { apiKey: makeSecret('early-plans') },
      baseUrl: 'http://127.0.0.1:9',
      concurrencyLimit: 100,
      priority: 1,
      isActive: true,
    } as const;
    return (await app.get(CreateProvider).execute(provider)).id;
  }

  const queue = () =>
    app.get(UnitOfWork).run(async () => {
      const keys = app.get(IdempotencyKeys);
      const key = { subject: user.sub, key: randomUUID() };
      await keys.take(key);
      await app.get(QueueCall).execute(user, { templateId, recipientNumber: '+12025550123', customVariables: {} });
      await keys.keep(key, { route: 'POST /v1/calls', requestHash: 'x', status: 201, response: {} });
    });
  const claim = async () => {
    await app.get(DispatchQueue).outlook();
    return (await app.get(ClaimCalls).execute(10, 'test')).attempts;
  };
  const place = (attempt: ClaimedAttempt) =>
    app.get(RecordPlacement).execute(attempt, { kind: 'accepted', providerCallId: `call ${attempt.id}` });
  const end = ({ id }: ClaimedAttempt) =>
    app.get(ApplyCallReport).execute(providerId, {
      ...{ providerCallId: `call ${id}`, attemptId: id },
      ...{ progress: 'ended', outcome: 'completed', durationSeconds: 30, transcript: 'Hello' },
    });

  /** A call from the request to its end. */
  async function live(claimed: () => Promise<readonly ClaimedAttempt[]>): Promise<void> {
    await queue();
    const attempts = await claimed();
    expect(attempts).toHaveLength(1);
    for (const attempt of attempts) {
      await place(attempt);
      await end(attempt);
    }
  }

  it('still read few rows when the tables have grown', async () => {
    const executed = await plans.of(() => live(claim));
    expect(executed.filter(({ scans }) => scans.length > 0)).not.toHaveLength(0);
    expect(executed.flatMap(problemsOf)).toEqual([]);
  });
});

function problemsOf({ text, scans }: StatementPlan): string[] {
  return scans
    .filter(({ table, rows }) => GROWING.includes(table) && rows > 100)
    .map(({ table, way, index, rows }) => `${way} ${index ?? ''} of ${table} (${rows} rows): ${text.slice(0, 200)}`);
}
