import { Injectable, Logger } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { UnitOfWork, type UserClaims } from '../kernel/unit-of-work.port';
import { Database, type Executor } from './database';
import { SharedTransactions } from './shared-transactions';
import { transact } from './transactions';
import { ValuesTogether } from './values-together';

/** Set with the transaction, so that it holds behind a pooler, too. */
const BEGIN = [
  'begin isolation level read committed',
  // An instance that vanishes without a word (power, network) must not keep its locks until TCP gives up.
  `set local idle_in_transaction_session_timeout = '30s'`,
  // Every statement here is after few rows. What was planned while a table was empty must not read all of it later.
  'set local enable_seqscan = off',
  // Up to version 17 a table that can only be read whole then seems costly enough to be compiled for.
  'set local jit = off',
];

/** How long a statement of those who share a transaction waits for a lock: long is for those who are alone. */
const SHARED_LOCK_TIMEOUT = `set local lock_timeout = '100ms'`;

/** Units of work as PostgreSQL transactions that travel with the asynchronous call, not through parameters. */
@Injectable()
export class DrizzleUnitOfWork extends UnitOfWork {
  private readonly logger = new Logger('Database');
  private readonly shared: SharedTransactions;

  constructor(private readonly database: Database) {
    super();
    this.shared = new SharedTransactions(database, [...BEGIN, SHARED_LOCK_TIMEOUT]);
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction ? work() : this.begin(BEGIN, work);
  }

  async runShared<T>(work: () => Promise<T>): Promise<T> {
    if (this.database.transaction) return work();
    const outcome = await this.shared.run(work);
    if (!outcome.isAgain) return this.followed(outcome);
    this.logger.debug('A shared transaction came to nothing: its work is done again, alone', outcome.cause);
    return this.begin(BEGIN, work);
  }

  apart<T>(work: () => Promise<T>, patienceMs?: number): Promise<T> {
    const begin =
      patienceMs === undefined ? BEGIN : [...BEGIN, `set local lock_timeout = ${String(Math.ceil(patienceMs))}`];
    return this.database.outside(() => this.begin(begin, work));
  }

  async asUser<T>(claims: UserClaims, work: () => Promise<T>): Promise<T> {
    const outer = this.database.transaction;
    if (outer?.touch) return this.refuseToShare(outer.touch);
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

  /** The others would act with the user's rights, too: everybody goes on alone. */
  private refuseToShare(touch: () => void): Promise<never> {
    touch();
    return Promise.reject(new Error('A transaction that is shared takes no single user for all of it'));
  }

  private async begin<T>(begin: readonly string[], work: () => Promise<T>): Promise<T> {
    const effects: (() => void)[] = [];
    const result = await transact(this.database, begin, (client) => {
      const executor = drizzle(client.asClient());
      const transaction = {
        executor,
        values: new ValuesTogether(executor),
        ask: client.ask.bind(client),
        later: client.later.bind(client),
        effects,
      };
      return this.database.within(transaction, work);
    });
    return this.followed({ result, effects });
  }

  private followed<T>({ result, effects }: { readonly result: T; readonly effects: readonly (() => void)[] }): T {
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
    // Nobody's values are read with another one's rights.
    return this.database.within({ ...transaction, values: new ValuesTogether(transaction.executor), user }, work);
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
