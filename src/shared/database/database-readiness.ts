import { Injectable, type OnModuleInit, Optional } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { Readiness } from '../observability/readiness';
import { Database } from './database';
import { pendingMigrations } from './migrate';

/** The service is fit for requests once its database answers and has every migration that this version knows. */
@Injectable()
export class DatabaseReadiness implements OnModuleInit {
  constructor(
    private readonly database: Database,
    @Optional() private readonly readiness?: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness?.register('database', () => this.answer());
    this.readiness?.register('migrations', () => this.beCurrent());
  }

  private async answer(): Promise<void> {
    await this.database.pool.execute(sql`select 1`);
  }

  private async beCurrent(): Promise<void> {
    const pending = await pendingMigrations({
      query: async (statement) => (await this.database.pool.$client.query<never>(statement)).rows,
    });
    if (pending.length > 0) throw new Error(`The database lacks migrations: ${pending.join(', ')}`);
  }
}
