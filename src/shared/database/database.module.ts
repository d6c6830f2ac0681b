import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { UnitOfWork } from '../kernel/unit-of-work.port';
import { Database } from './database';
import { DatabaseMetrics } from './database-metrics';
import { DatabaseNotifications } from './database-notifications';
import { DatabaseReadiness } from './database-readiness';
import type { DatabaseSettings } from './database.settings';
import { DrizzleUnitOfWork } from './drizzle-unit-of-work';
import { createPool } from './pool';

/** The database for everybody: connections, units of work, notifications. Connects when the first query comes. */
@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  static register({ url, directUrl }: DatabaseSettings): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [
        { provide: Pool, useFactory: () => createPool(url) },
        { provide: Database, useFactory: (pool: Pool) => new Database(drizzle(pool)), inject: [Pool] },
        { provide: UnitOfWork, useClass: DrizzleUnitOfWork },
        { provide: DatabaseNotifications, useFactory: (pool: Pool) => listenOn(directUrl, pool), inject: [Pool] },
        DatabaseReadiness,
        DatabaseMetrics,
      ],
      exports: [Pool, Database, UnitOfWork, DatabaseNotifications],
    };
  }

  /** The last thing that ends: after the server, and after whatever still places calls. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

function listenOn(directUrl: string, pool: Pool): DatabaseNotifications {
  const notify = (channel: string) => pool.query(`select pg_notify($1, '')`, [channel]);
  return new DatabaseNotifications(directUrl, undefined, notify);
}
