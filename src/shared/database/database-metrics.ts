import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { UnitOfWork } from '../kernel/unit-of-work.port';
import { Metrics } from '../observability/metrics';
import { Database } from './database';
import { DatabaseNotifications } from './database-notifications';

/** A reading that takes longer than this shows nothing, and the server stops working on it. */
const READ_ONLY = sql.raw(
  `select set_config('transaction_read_only', 'on', true), set_config('statement_timeout', '2s', true)`,
);
/** A lock that somebody holds is waited for no longer than this. */
const LOCK_PATIENCE_MS = 500;

/** How the connections are used, and whether the database answers. Gives every reading of gauges its transaction. */
@Injectable()
export class DatabaseMetrics implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: DatabaseNotifications,
    @Optional() private readonly metrics?: Metrics,
  ) {}

  onModuleInit(): void {
    if (!this.metrics) return;
    this.watchPool(this.metrics);
    this.watchServer(this.metrics);
    this.metrics.readings.within((read) => this.aside(read));
  }

  private watchPool(metrics: Metrics): void {
    const pool = this.database.pool.$client;
    metrics.gauge(
      {
        name: 'ringonce_database_pool_connections',
        help: "This instance's connections to the database, lent out (busy) or not (idle)",
        labelNames: ['state'],
      },
      (gauge) => {
        gauge.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
        gauge.set({ state: 'idle' }, pool.idleCount);
      },
    );
    metrics.gauge(
      { name: 'ringonce_database_pool_limit', help: 'How many connections this instance opens at most' },
      (gauge) => gauge.set(pool.options.max),
    );
    metrics.gauge(
      {
        name: 'ringonce_database_pool_waiting',
        help: 'Work of this instance that waits for a connection because all are lent out',
      },
      (gauge) => gauge.set(pool.waitingCount),
    );
  }

  private watchServer(metrics: Metrics): void {
    metrics.gauge(
      {
        name: 'ringonce_database_up',
        help: 'Whether the database answered this instance last time (1) or not (0)',
      },
      (gauge) => gauge.set(metrics.readings.hasRead('database') ? 1 : 0),
    );
    metrics.gauge(
      {
        name: 'ringonce_database_notifications_up',
        help: 'Whether notifications of the database arrive at this instance (1) or it has to poll (0)',
      },
      (gauge) => gauge.set(this.notifications.isConnected ? 1 : 0),
    );
    metrics.readings.register({
      name: 'database',
      isFirst: true,
      gauges: [],
      read: () => this.database.current.execute(sql`select 1`),
      show: () => undefined,
    });
  }

  private aside<T>(read: () => Promise<T>): Promise<T> {
    return this.unitOfWork.apart(async () => {
      await this.database.current.execute(READ_ONLY);
      return read();
    }, LOCK_PATIENCE_MS);
  }
}
