import { Injectable } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { PoolClient } from 'pg';
import { UnitOfWork, type UserClaims } from '../kernel/unit-of-work.port';
import { Database, type Executor } from './database';
import { isWithoutAnswer } from './database-unavailable';

/**
 * An instance that vanishes without a word (power, network) must not keep its locks until TCP gives up: the server
 * ends a transaction in which nothing has happened for this long. Set with the transaction, so that it holds behind a
 * pooler, too.
 */
const BEGIN = `begin isolation level read committed; set local idle_in_transaction_session_timeout = '30s'`;

/** Units of work as PostgreSQL transactions that travel with the asynchronous call, not through parameters. */
@Injectable()
export class DrizzleUnitOfWork extends UnitOfWork {
  constructor(private readonly database: Database) {
    super();
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction ? work() : this.begin(BEGIN, work);
  }

  apart<T>(work: () => Promise<T>, patienceMs?: number): Promise<T> {
    const begin =
      patienceMs === undefined ? BEGIN : `${BEGIN}; set local lock_timeout = ${String(Math.ceil(patienceMs))}`;
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

  private async begin<T>(begin: string, work: () => Promise<T>): Promise<T> {
    const effects: (() => void)[] = [];
    const result = await this.transact(begin, (executor) => this.database.within({ executor, effects }, work));
    for (const effect of effects) effect();
    return result;
  }

  private async become<T>(user: UserClaims, work: () => Promise<T>): Promise<T> {
    const transaction = this.database.transaction;
    if (!transaction) throw new Error('become ran outside a transaction');
    await actAs(transaction.executor, user);
    return this.database.within({ ...transaction, user }, work);
  }

  /**
   * One connection, from BEGIN to its end. Not drizzle's own `transaction`: that keeps a connection whose BEGIN failed,
   * hides the cause behind the failure of ROLLBACK, and takes for committed what PostgreSQL answered with ROLLBACK.
   */
  private async transact<T>(begin: string, work: (executor: Executor) => Promise<T>): Promise<T> {
    const client = await this.database.pool.$client.connect();
    let broken = true;
    try {
      await client.query(begin);
      try {
        const result = await work(drizzle(client));
        await commit(client);
        broken = false;
        return result;
      } catch (error) {
        broken = isWithoutAnswer(error) || !(await rolledBack(client));
        throw error;
      }
    } finally {
      client.release(broken);
    }
  }
}

/** COMMIT of a transaction in which a statement has failed is answered with ROLLBACK, not with an error. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error('A statement failed inside the unit of work, so nothing was committed');
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
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
