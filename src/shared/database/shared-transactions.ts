import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database, OpenTransaction } from './database';
import { isRefusedStatement, isWithoutAnswer } from './database-unavailable';
import type { JoiningClient } from './joining-client';
import { transact } from './transactions';
import { ValuesTogether } from './values-together';

/** How many works share one transaction at most: when one of them spoils it, all are done again. */
const MOST_MEMBERS = 64;

/** How many such transactions are open at a time. What comes meanwhile waits, and shares the next one. */
const MOST_OPEN = 2;

/** What came of a work. `isAgain`: nothing, and it is to be done in a transaction of its own. */
export type SharedOutcome<T> =
  | { readonly isAgain: true; readonly cause: unknown }
  | { readonly isAgain: false; readonly result: T; readonly effects: readonly (() => void)[] };

/**
 * Transactions for several units of work at a time, as databases commit in groups: nothing waits for company, and the
 * busier it gets the fewer messages, commits and notifications each work costs. Works that do the same ask for their
 * values in step with one another, and so in one message.
 *
 * A work that only reads and then rejects leaves the others alone. One whose statement fails, or that rejects after a
 * change, takes everybody's changes with it: then each is done again by itself, and hears its own verdict. None is done
 * again where the changes may have been committed.
 */
export class SharedTransactions {
  private readonly waiting: Waiting[] = [];
  private open = 0;

  constructor(
    private readonly database: Database,
    private readonly begin: readonly string[],
  ) {}

  /** @throws whatever the work rejects with, or the transaction fails with */
  async run<T>(work: () => Promise<T>): Promise<SharedOutcome<T>> {
    const member = await new Promise<Member>((enter, turnAway) => {
      this.waiting.push({ enter, turnAway });
      void this.share();
    });
    return member.run((transaction) => this.database.within(transaction, work));
  }

  private async share(): Promise<void> {
    if (this.open >= MOST_OPEN || this.waiting.length === 0) return;
    this.open += 1;
    const members: Member[] = [];
    const end = await this.transactionOf(members);
    this.open -= 1;
    // Nobody is left behind where there was no connection to be had.
    if (members.length === 0 && !end.isCommitted) for (const { turnAway } of this.next()) turnAway(end.error);
    for (const member of members) member.end(end);
    void this.share();
  }

  /** @param members becomes those that share it: whoever waits when there is a connection */
  private async transactionOf(members: Member[]): Promise<End> {
    try {
      await transact(this.database, this.begin, async (client) => {
        const values = new ValuesTogether(drizzle(client.asClient()));
        for (const { enter } of this.next()) {
          const member = new Member(client, values);
          members.push(member);
          enter(member);
        }
        await Promise.all(members.map(({ over }) => over.promise));
        const spoiling = client.failure ?? members.find(({ isSpoiling }) => isSpoiling)?.failure;
        if (spoiling) throw new Spoiled(spoiling.error);
      });
      return { isCommitted: true };
    } catch (error) {
      // Anything else has come of COMMIT, or of a connection that was not to be had.
      const mayRepeat = error instanceof Spoiled ? !isWithoutAnswer(error) : isRefusedStatement(error);
      return { isCommitted: false, mayRepeat, error };
    }
  }

  private next(): readonly Waiting[] {
    return this.waiting.splice(0, MOST_MEMBERS);
  }
}

interface Waiting {
  readonly enter: (member: Member) => void;
  readonly turnAway: (error: unknown) => void;
}

type End =
  | { readonly isCommitted: true }
  | { readonly isCommitted: false; readonly mayRepeat: boolean; readonly error: unknown };

/** One of those that share a transaction. */
class Member {
  readonly over = deferred<undefined>();
  failure: { readonly error: unknown } | undefined;
  private readonly ended = deferred<End>();
  private readonly effects: (() => void)[] = [];
  private hasTouched = false;

  constructor(
    private readonly client: JoiningClient,
    private readonly values: ValuesTogether,
  ) {}

  /** Whether it has changed something, or may have, that is not to be committed. */
  get isSpoiling(): boolean {
    return this.failure !== undefined && this.hasTouched;
  }

  end(how: End): void {
    this.ended.resolve(how);
  }

  /** Runs where the work's own asynchronous calls go on: its story and what follows the commit are its own. */
  async run<T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<SharedOutcome<T>> {
    const done = await this.attempt(work);
    this.over.resolve(undefined);
    const end = await this.ended.promise;
    if (!end.isCommitted && end.mayRepeat) return { isAgain: true, cause: end.error };
    if (!done) throw this.failure?.error;
    if (!end.isCommitted) throw end.error;
    return { isAgain: false, result: done.result, effects: this.effects };
  }

  private async attempt<T>(work: (transaction: OpenTransaction) => Promise<T>) {
    try {
      return { result: await work(this.transaction()) };
    } catch (error) {
      this.failure = { error };
      return undefined;
    }
  }

  private transaction(): OpenTransaction {
    const { client, values, effects } = this;
    const touch = () => {
      this.hasTouched = true;
    };
    return {
      ...{ values, effects, touch },
      executor: drizzle(client.asClient(touch)),
      ask: (statement) => {
        touch();
        return client.ask(statement);
      },
      later: (statement) => {
        touch();
        client.later(statement);
      },
    };
  }
}

/** Nothing of a transaction that is shared is to be committed, and COMMIT was not asked for. */
class Spoiled extends Error {
  constructor(cause: unknown) {
    super('One of those who share a transaction has failed in it', { cause });
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
