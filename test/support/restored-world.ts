import { randomUUID } from 'node:crypto';
import { DrizzleRestorations } from '../../src/modules/calls/adapters/drizzle/drizzle-restorations';
import { AbandonComparison } from '../../src/modules/calls/application/abandon-comparison';
import { MarkRestored } from '../../src/modules/calls/application/mark-restored';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { Database } from '../../src/shared/database/database';
import { DrizzleAuditTrail } from '../../src/shared/database/drizzle-audit-trail';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import type { Answer, Service } from './service';
import { copyTestDatabase, type TestDatabase } from './test-database';
import { type LedgerSums, TwoVendors, type TwoVendorsOptions } from './two-vendors';
import { waitFor } from './wait-for';

/** Nothing is looked after in the first life, so that the backup keeps the state that a test has made. */
const FIRST_LIFE = { DISPATCH_INTERVAL_MS: '100', RECONCILE_INTERVAL_MS: '600000', SHUTDOWN_TIMEOUT_MS: '100' };
const SECOND_LIFE = { DISPATCH_INTERVAL_MS: '100', RECONCILE_INTERVAL_MS: '200', PLACE_TIMEOUT_MS: '2000' };

/** Two vendors, and a service whose database goes back to a backup while what the vendors did stays done. */
export class RestoredWorld {
  private backup: TestDatabase | undefined;

  private constructor(readonly vendors: TwoVendors) {}

  static async start(options: Partial<TwoVendorsOptions> = {}): Promise<RestoredWorld> {
    return new RestoredWorld(await TwoVendors.start({ limits: [10, 10], environment: FIRST_LIFE, ...options }));
  }

  get world() {
    return this.vendors.world;
  }

  get database(): TestDatabase {
    return this.world.database;
  }

  /** Whose calls only the second vendor may place. */
  secondVendorsTemplate(): Promise<string> {
    return this.world.addTemplate({ assistantId: this.vendors.second.assistantIds[0] });
  }

  /** Queues a call that stays queued until `resume`. */
  async hold(queueMore: () => Promise<unknown>): Promise<void> {
    await this.world.admin('POST', '/v1/admin/queue/pause');
    await queueMore();
  }

  /** What is in the database now is what a restore brings back. */
  async backUp(): Promise<TestDatabase> {
    this.backup = await copyTestDatabase(this.database);
    return this.backup;
  }

  /** Ends the first life and puts the backup in its place. An operator would mark it before the start. */
  async restore(mark: 'marked' | 'unmarked' = 'marked', environment: NodeJS.ProcessEnv = {}): Promise<void> {
    if (!this.backup) throw new Error('There is no backup');
    if (mark === 'marked') await this.mark(undefined, this.backup);
    const backup = this.backup;
    this.backup = undefined;
    await this.world.moveTo(backup, { ...SECOND_LIFE, ...environment });
  }

  mark(since?: Date, database: TestDatabase = this.database): Promise<Date> {
    return withParts(database, (parts) => new MarkRestored(...parts).execute(since));
  }

  abandon(): Promise<boolean> {
    return withParts(this.database, (parts) => new AbandonComparison(...parts).execute());
  }

  resume(service: Service = this.world.service): Promise<Answer> {
    return service.request('POST', '/v1/admin/queue/resume', { token: this.world.adminToken });
  }

  /** Waits until the queue can be resumed, and does. */
  async resumed(service?: Service): Promise<void> {
    await waitFor(async () => (await this.resume(service)).status === 200, 'the queue is resumed', 60_000);
  }

  /** Waits until every provider is compared. */
  async compared(): Promise<void> {
    await waitFor(async () => (await this.pending()).length === 0, 'every provider is compared', 60_000);
  }

  async pending(): Promise<readonly string[]> {
    const rows = await this.database.query<{ name: string }>(
      `select name from call_service_providers as provider
         left join restored_comparisons as comparison on comparison.provider_id = provider.id
        where completed_at is null order by priority`,
    );
    return rows.map(({ name }) => name);
  }

  async counts(): Promise<{ adopted: number; lost: number }> {
    const [counts] = await this.database.query<{ adopted: number; lost: number }>(
      'select sum(adopted)::int as adopted, sum(lost)::int as lost from restored_comparisons',
    );
    return counts!;
  }

  ledger(): Promise<{ totals: LedgerSums; lines: LedgerSums; oddAttempts: number }> {
    return this.vendors.ledger();
  }

  /** Where a provider is reached; nobody listens at the given address. */
  async moveProvider(id: string, baseUrl: string, database: TestDatabase = this.database): Promise<void> {
    await database.query('update call_service_providers set base_url = $2 where id = $1', [id, baseUrl]);
  }

  stop(): Promise<void> {
    return Promise.all([this.vendors.stop(), this.backup?.drop()]).then(() => undefined);
  }
}

export const NOBODY_LISTENS = 'http://127.0.0.1:9';
export const newId = randomUUID;

/** What the command line works with. */
async function withParts<T>(
  { url }: TestDatabase,
  work: (parts: [DrizzleUnitOfWork, DrizzleRestorations, DrizzleAuditTrail]) => Promise<T>,
): Promise<T> {
  const pool = new Pool({ connectionString: url, max: 2 });
  try {
    const database = new Database(drizzle(pool));
    const author = { get: () => ({ kind: 'system', userId: null, requestId: null }) as const };
    return await work([
      new DrizzleUnitOfWork(database),
      new DrizzleRestorations(database),
      new DrizzleAuditTrail(database, author),
    ]);
  } finally {
    await pool.end();
  }
}
