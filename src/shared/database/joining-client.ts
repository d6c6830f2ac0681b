import type { PoolClient, QueryConfig, QueryResult } from 'pg';

type Statement = string | QueryConfig;

interface Asked {
  readonly statement: Statement;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A connection for one transaction. Each message to the server costs a round trip, so statements without parameters
 * travel together: BEGIN with the first of them, those that are asked for at once, and those whose answer nobody needs
 * (`later`) with the next message or with COMMIT. They are executed in order, each with a snapshot of its own, and
 * when one fails none behind it is executed. This is the plain protocol, which every pooler passes on. Further
 * messages before the answer of the first are not (Supabase's pooler hangs on them), and statements with parameters
 * cannot be joined.
 */
export class JoiningClient {
  /** Whether BEGIN has been sent; a transaction that has asked for nothing has none to end. */
  private isOpen = false;
  private isOver = false;
  private failed: { readonly error: unknown } | undefined;
  /** What goes out with the next message. */
  private readonly waiting: string[];
  private readonly asked: Asked[] = [];
  /** The message with BEGIN. */
  private opened: Promise<unknown> | undefined;
  /** Why that message failed. BEGIN may not have been executed: anything behind it would be committed by itself. */
  private notBegun: Error | undefined;

  /**
   * @param begin single statements, BEGIN first
   * @param patienceMs how long the changes that are left for COMMIT may take in all: less than the client waits for an
   * answer, so that nothing commits after it has given up
   */
  constructor(
    private readonly client: PoolClient,
    private readonly begin: readonly string[],
    private readonly patienceMs: number,
  ) {
    this.waiting = [...begin];
  }

  /** Of the first statement that has failed: nothing more can come of this transaction. */
  get failure(): { readonly error: unknown } | undefined {
    return this.failed;
  }

  /**
   * What drizzle takes for the connection itself.
   * @param hear hears that something is about to be asked
   */
  asClient(hear?: () => void): PoolClient {
    const query = (statement: Statement, values?: unknown[]) => {
      hear?.();
      return this.query(statement, values ?? []);
    };
    return Object.assign(Object.create(this.client) as PoolClient, { query });
  }

  /**
   * Asks for one statement without parameters. What is asked for earlier in this way is executed earlier.
   * @throws TransactionOver
   */
  ask(statement: Statement): Promise<QueryResult> {
    if (this.isOver) return Promise.reject(new TransactionOver());
    return new Promise((resolve, reject) => {
      this.asked.push({ statement, resolve, reject });
      // Behind everything that runs before the process looks at its sockets again.
      if (this.asked.length === 1) process.nextTick(() => void this.flush().catch(() => undefined));
    });
  }

  /**
   * Has one statement without parameters executed before anything else that is asked for, and before COMMIT.
   * @throws TransactionOver
   */
  later(statement: string): void {
    if (this.isOver) throw new TransactionOver();
    this.waiting.push(statement);
  }

  /**
   * COMMIT, which PostgreSQL answers with ROLLBACK, not with an error, where a statement has failed.
   * @throws whatever a statement that was left for later fails with
   */
  async commit(): Promise<void> {
    this.end();
    if (this.notBegun !== undefined) throw this.notBegun;
    if (!this.isOpen && this.waiting.length === this.begin.length) return;
    this.isOpen = true;
    const results = await this.send([...this.inTime(this.waiting), 'commit']);
    if (results.at(-1)?.command !== 'COMMIT')
      throw new Error('A statement failed inside the unit of work, so nothing was committed');
  }

  /** @returns whether the connection is fit for another transaction */
  async rollback(): Promise<boolean> {
    this.end();
    try {
      if (this.isOpen) await this.client.query('rollback');
      return true;
    } catch {
      return false;
    }
  }

  /** However many of the changes wait for locks. */
  private inTime(changes: readonly string[]): readonly string[] {
    if (changes.length === 0) return [];
    const place = this.opened === undefined ? this.begin.length : 0;
    const eachMs = Math.ceil(this.patienceMs / (changes.length - place));
    const timeout = `set local statement_timeout = ${String(eachMs)}`;
    return [...changes.slice(0, place), timeout, ...changes.slice(place)];
  }

  /** From here on nothing is sent that nobody has waited for: the connection is about to go to somebody else. */
  private end(): void {
    this.isOver = true;
    for (const { reject } of this.asked.splice(0)) reject(new TransactionOver());
  }

  private query(statement: Statement, values: unknown[]): Promise<QueryResult> {
    const [first] = this.asked;
    if (values.length > 0 || (first && shapeOf(first.statement) !== shapeOf(statement)))
      return this.alone(statement, values);
    return this.ask(statement);
  }

  /** Waits for BEGIN and for what was asked before: behind a BEGIN that failed it would be committed by itself. */
  private async alone(statement: Statement, values: unknown[]): Promise<QueryResult> {
    await this.flush();
    await this.opened;
    if (this.notBegun !== undefined) throw this.notBegun;
    if (this.isOver) throw new TransactionOver();
    return this.deliver(() =>
      values.length > 0 ? this.client.query(statement, values) : this.client.query(statement),
    );
  }

  private flush(): Promise<unknown> {
    if (this.isOver || this.waiting.length + this.asked.length === 0) return Promise.resolve();
    const waiting = this.waiting.splice(0);
    const asked = this.asked.splice(0);
    const isFirst = !this.isOpen;
    const sent = this.answer(asked, waiting).catch((error: unknown) => {
      if (isFirst) this.notBegun = error instanceof Error ? error : new Error('BEGIN failed', { cause: error });
      throw error;
    });
    this.opened ??= sent;
    this.isOpen = true;
    return sent;
  }

  private async answer(asked: readonly Asked[], waiting: readonly string[]): Promise<void> {
    const texts = asked.map(({ statement }) => (typeof statement === 'string' ? statement : statement.text));
    try {
      if (this.notBegun !== undefined) throw this.notBegun;
      const results = await this.send([...waiting, ...texts], asked[0]?.statement);
      const answers = results.slice(results.length - asked.length);
      for (const [index, result] of answers.entries()) asked[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of asked) reject(error);
      throw error;
    }
  }

  /** For several statements node-postgres gives several results, which its types do not say. */
  private async send(statements: readonly string[], shape?: Statement): Promise<readonly QueryResult[]> {
    const text = statements.join('; ');
    const message = typeof shape === 'object' ? { ...shape, text } : text;
    const answer: unknown = await this.deliver(() => this.client.query(message));
    const results = (Array.isArray(answer) ? answer : [answer]) as readonly QueryResult[];
    if (results.length !== statements.length)
      throw new Error(`${String(statements.length)} statements had ${String(results.length)} results`);
    return results;
  }

  private async deliver<T>(message: () => Promise<T>): Promise<T> {
    try {
      return await message();
    } catch (error) {
      this.failed ??= { error };
      throw error;
    }
  }
}

class TransactionOver extends Error {
  constructor() {
    super('The transaction is over, and this statement was not waited for in it');
  }
}

/** Rows of one message all come in one shape: as arrays or as objects, with drizzle's types or node-postgres's own. */
function shapeOf(statement: Statement): unknown {
  if (typeof statement === 'string') return 'plain';
  return 'rowMode' in statement ? statement.rowMode : 'objects';
}
