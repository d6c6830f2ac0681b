import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Readiness } from '../observability/readiness';
import { Database } from './database';
import { DatabaseNotifications } from './database-notifications';
import { pendingMigrations } from './migrate';

/** Longer than a session takes to come back once the database does, so that a failover alone makes no instance unfit. */
const LISTEN_GRACE_MS = 30_000;

/**
 * The service is fit for requests once its database answers and has every migration that this version knows, and while
 * it hears of what is queued and stopped. Without that it goes on by polling, later than others: so not at once. What
 * makes one instance unfit may make all of them so; whoever shares out webhooks has to send them to somebody even then.
 */
@Injectable()
export class DatabaseReadiness implements OnModuleInit {
  /** Migrations are not taken away again. */
  private isCurrent = false;

  constructor(
    private readonly database: Database,
    private readonly notifications: DatabaseNotifications,
    @Optional() private readonly readiness?: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness?.register('database', () => this.answer());
    this.readiness?.register('migrations', () => this.beCurrent());
    this.readiness?.register('listen', () => this.hear());
  }

  /**
   * While all connections are lent out, one that is given back has had an answer: otherwise a burst would make this
   * instance unfit, and the others, which get its share, after it.
   */
  private answer(): Promise<void> {
    const { $client: pool } = this.database.pool;
    return new Promise((resolve, reject) => {
      const hear = (error: unknown): void => {
        if (!error) resolve();
      };
      pool.on('release', hear);
      this.database.pool
        .execute(sql`select 1`)
        .then(() => {
          resolve();
        }, reject)
        .finally(() => pool.off('release', hear));
    });
  }

  private async beCurrent(): Promise<void> {
    if (this.isCurrent) return;
    const pending = await pendingMigrations({
      query: async (statement) => (await this.database.pool.$client.query<never>(statement)).rows,
    });
    if (pending.length > 0) throw new Error(`The database lacks migrations: ${pending.join(', ')}`);
    this.isCurrent = true;
  }

  private hear(): Promise<void> {
    const { silentForMs } = this.notifications;
    if (silentForMs <= LISTEN_GRACE_MS) return Promise.resolve();
    return Promise.reject(new Error('No session for notifications'));
  }
}
