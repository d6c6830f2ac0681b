import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { NodePgDatabase, NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import type { Pool } from 'pg';
import type { UserClaims } from '../kernel/unit-of-work.port';

/** What repositories write their queries against: a transaction or the pool. */
export type Executor = PgDatabase<NodePgQueryResultHKT>;

/** The transaction that is open around the running code, and what is to happen once it has committed. */
export interface OpenTransaction {
  readonly executor: Executor;
  readonly effects: (() => void)[];
  /** Whose rights it has at the moment; undefined: the service's own. */
  readonly user?: UserClaims | undefined;
}

/** Finds the transaction around the running code for repositories. */
@Injectable()
export class Database {
  private readonly open = new AsyncLocalStorage<OpenTransaction>();

  constructor(readonly pool: NodePgDatabase & { readonly $client: Pool }) {}

  /** The surrounding unit of work's transaction; outside of one the pool, each statement on its own. */
  get current(): Executor {
    return this.open.getStore()?.executor ?? this.pool;
  }

  get transaction(): OpenTransaction | undefined {
    return this.open.getStore();
  }

  /** Runs `work` outside of every transaction. */
  outside<T>(work: () => Promise<T>): Promise<T> {
    return this.open.exit(work);
  }

  /** Runs `work` with `transaction` as the one that repositories join. */
  within<T>(transaction: OpenTransaction, work: () => Promise<T>): Promise<T> {
    return this.open.run(transaction, work);
  }
}
