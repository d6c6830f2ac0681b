import { Injectable, Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { UnitOfWork, type UserClaims } from '../kernel/unit-of-work.port';
import { Database, type Executor } from './database';
import { isWithoutAnswer } from './database-unavailable';
import { JoiningClient } from './joining-client';

/**
 * An instance that vanishes without a word (power, network) must not keep its locks until TCP gives up: the server
 * ends a transaction in which nothing has happened for this long. Set with the transaction, so that it holds behind a
 * pooler, too.
 */
const BEGIN = ['begin isolation level read committed', `set local idle_in_transaction_session_timeout = '30s'`];

/** The part of the time the client waits for an answer in which the server is to have one. */
const PATIENCE = 0.8;

/** Units of work as PostgreSQL transactions that travel with the asynchronous call, not through parameters. */
@Injectable()
export class DrizzleUnitOfWork extends UnitOfWork {
  private readonly logger = new Logger('Database');

  constructor(private readonly database: Database) {
    super();
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction ? work() : this.begin(BEGIN, work);
  }

  apart<T>(work: () => Promise<T>, patienceMs?: number): Promise<T> {
    const begin =
      patienceMs === undefined ? BEGIN : [...BEGIN, `set local lock_timeout = ${String(Math.ceil(patienceMs))}`];
    return this.database.outside(() => this.begin(begin, work));
  }

  async asUser<T>(claims: UserClaims, work: () => Promise<T>): Promise<T> {
    const outer = this.database.transaction;
    // Role and claims end with the transaction that is opened for them.
    if (!outer) return this.run(() => this.become(claims, work));
    try {
      return await this.become(claims, work);
    } finally {
      // A transaction in which a statement failed takes no further one, and has no rights left to give back.
      await actAs(outer.executor, outer.user).catch(() => undefined);
    }
  }

  afterCommit(effect: () => void): void {
    const transaction = this.database.transaction;
    if (transaction) transaction.effects.push(effect);
    else effect();
  }

  private async begin<T>(begin: readonly string[], work: () => Promise<T>): Promise<T> {
    const effects: (() => void)[] = [];
    const result = await this.transact(begin, (client) => {
      const transaction = {
        executor: drizzle(client.asClient()),
        ask: client.ask.bind(client),
        later: client.later.bind(client),
        effects,
      };
      return this.database.within(transaction, work);
    });
    for (const effect of effects) this.follow(effect);
    return result;
  }

  /** What is committed stays so whatever comes of it, and one effect owes nothing to another. */
  private follow(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.logger.error('A bug: something is committed, and what was to follow from it failed', error);
    }
  }

  private async become<T>(user: UserClaims, work: () => Promise<T>): Promise<T> {
    const transaction = this.database.transaction;
    if (!transaction) throw new Error('become ran outside a transaction');
    await actAs(transaction.executor, user);
    return this.database.within({ ...transaction, user }, work);
  }

  /**
   * One connection, from BEGIN to its end; without a statement there is neither. Not drizzle's own `transaction`: that keeps a connection whose BEGIN failed,
   * hides the cause behind the failure of ROLLBACK, and takes for committed what PostgreSQL answered with ROLLBACK.
   */
  private async transact<T>(begin: readonly string[], work: (client: JoiningClient) => Promise<T>): Promise<T> {
    const connection = await this.database.pool.$client.connect();
    const client = new JoiningClient(
      connection,
      begin,
      (this.database.pool.$client.options.query_timeout ?? 0) * PATIENCE,
    );
    let broken = true;
    try {
      const result = await work(client);
      await client.commit();
      broken = false;
      return result;
    } catch (error) {
      broken = isWithoutAnswer(error) || !(await client.rollback());
      throw error;
    } finally {
      connection.release(broken);
    }
  }
}

/**
 * Sets every setting that Supabase's `auth.uid()` and its relatives read: a stale `request.jwt.claim.sub` would win
 * over fresh claims. The role's name is a constant; the claims are bound parameters, never part of the SQL text.
 * Without a user, the connection's own rights.
 */
async function actAs(executor: Executor, user: UserClaims | undefined): Promise<void> {
  const role = user ? 'authenticated' : '';
  const json = user ? JSON.stringify({ sub: user.sub, email: user.email, role }) : '';
  await executor.execute(sql`
    select set_config('request.jwt.claims', ${json}, true),
           set_config('request.jwt.claim.sub', ${user?.sub ?? ''}, true),
           set_config('request.jwt.claim.role', ${role}, true),
           set_config('role', ${user ? 'authenticated' : 'none'}, true)`);
}
