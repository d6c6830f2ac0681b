import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { NodePgDatabase, NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { SQL } from 'drizzle-orm';
import { type PgDatabase, PgDialect } from 'drizzle-orm/pg-core';
import type { Pool, QueryResult, QueryResultRow } from 'pg';
import type { UserClaims } from '../kernel/unit-of-work.port';
import { ValuesTogether } from './values-together';

/** What repositories write their queries against: a transaction or the pool. */
export type Executor = PgDatabase<NodePgQueryResultHKT>;

/** The transaction that is open around the running code, and what is to happen once it has committed. */
export interface OpenTransaction {
  readonly executor: Executor;
  /** For values that are asked for together, by whoever shares the transaction. */
  readonly values: ValuesTogether;
  readonly effects: (() => void)[];
  /** Has a statement without parameters executed before anything else that is asked for, and before the end. */
  later(statement: string): void;
  /** Asks for one statement without parameters. What is asked for earlier is executed earlier. */
  ask(statement: string): Promise<QueryResult>;
  /**
   * In a transaction that several units of work share: hears of everything that this one does in it, but of values that
   * are only read.
   */
  readonly touch?: (() => void) | undefined;
  /** Whose rights it has at the moment; undefined: the service's own. */
  readonly user?: UserClaims | undefined;
}

const DIALECT = new PgDialect();

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

  /**
   * What an expression reads, as JSON has it: times are ISO 8601 texts. What is asked for together inside a unit of work,
   * or inside of several that share a transaction, shares a round trip (`ValuesTogether`).
   */
  value<Value>(expression: SQL): Promise<Value> {
    const values = this.transaction?.values ?? new ValuesTogether(this.pool);
    return values.value(expression);
  }

  /** Makes a change by a function, and tells its value like `value`, with whose it shares a round trip. */
  changing<Value>(expression: SQL): Promise<Value> {
    this.transaction?.touch?.();
    return this.value(expression);
  }

  /**
   * Rows of a statement that is executed after those which were asked for in this way before it, each with a snapshot of
   * its own: what is read behind a lock sees what the last holder committed. In a unit of work nobody has to wait for the
   * first before asking for the second: they share a round trip. Columns must not be times, whose type depends on the way.
   * @throws Error for a statement with parameters inside a unit of work
   */
  async inTurn<Row extends QueryResultRow>(statement: SQL): Promise<Row[]> {
    const transaction = this.transaction;
    const { sql: text, params } = DIALECT.sqlToQuery(statement);
    if (!transaction) return (await this.current.execute(statement)).rows as Row[];
    if (params.length > 0) throw new Error('A statement with parameters cannot be executed in turn');
    return (await transaction.ask(text)).rows as Row[];
  }

  /**
   * Makes a change whose answer nobody needs. In a unit of work it goes out together with what is asked for next, or with
   * its end, unless it has parameters (see `literal`); whatever it fails with, the unit of work then fails with.
   */
  async change(statement: SQL): Promise<void> {
    const transaction = this.transaction;
    const { sql: text, params } = DIALECT.sqlToQuery(statement);
    if (transaction && params.length === 0) transaction.later(text);
    else await this.current.execute(statement);
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
