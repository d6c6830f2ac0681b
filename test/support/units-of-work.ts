import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import type { Pool } from 'pg';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { createPool } from '../../src/shared/database/pool';

/** The service's way to the database, without the rest of the service. */
export interface UnitsOfWork {
  readonly pool: Pool;
  readonly unitOfWork: DrizzleUnitOfWork;
  readonly database: Database;
  /** Rows of a statement, in the unit of work that is open around the caller. */
  rows(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function unitsOfWork(url: string, maxConnections?: number, answerTimeoutMs?: number): UnitsOfWork {
  const pool = createPool(url, maxConnections, answerTimeoutMs);
  const database = new Database(drizzle(pool));
  return {
    pool,
    database,
    unitOfWork: new DrizzleUnitOfWork(database),
    rows: async (text) => (await database.current.execute(sql.raw(text))).rows,
    close: () => pool.end(),
  };
}
