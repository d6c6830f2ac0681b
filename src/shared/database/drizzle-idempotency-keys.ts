import { Injectable } from '@nestjs/common';
import { and, eq, not, or, sql } from 'drizzle-orm';
import {
  type IdempotencyKey,
  IdempotencyKeys,
  type StoredAnswer,
  type TakenKey,
  UNDER_WAY,
} from '../http/idempotency-keys.port';
import { Database } from './database';
import { literal } from './literal';
import { idempotencyKeys } from './idempotency-keys.table';

/** Many signs of life: whoever has missed them all is dead, not slow. */
const LONGEST_SILENCE = sql`interval '2 minutes'`;

const isSilent = sql`${idempotencyKeys.createdAt} < clock_timestamp() - ${LONGEST_SILENCE}`;
const isFresh = sql`${idempotencyKeys.createdAt} > now() - interval '24 hours'`;
const isExpired = not(isFresh);
/** While a request is under way, its run stands where the answer will. */
const isRun = (run: string) =>
  and(eq(idempotencyKeys.status, UNDER_WAY), sql`${idempotencyKeys.response} = to_jsonb(${run}::text)`);
const is = ({ subject, key }: IdempotencyKey) =>
  and(eq(idempotencyKeys.subject, subject), eq(idempotencyKeys.key, key));

interface TakenRow {
  readonly isTaken: boolean;
  /** Null where nothing is kept. */
  readonly stored: StoredAnswer | null;
}

@Injectable()
export class DrizzleIdempotencyKeys extends IdempotencyKeys {
  /** The keys that were asked for in a transaction, by what is common to all who share it. */
  private readonly asked = new WeakMap<object, Set<string>>();

  constructor(private readonly database: Database) {
    super();
  }

  async take({ subject, key }: IdempotencyKey): Promise<TakenKey> {
    if (!this.isFirst(`${subject} ${key}`)) return { isTaken: false, stored: undefined };
    const { isTaken, stored } = await this.database.value<TakenRow>(
      sql`ringonce.take_idempotency_key_as_json(${literal(subject)}, ${literal(key)}, now())`,
    );
    return { isTaken, stored: stored ?? undefined };
  }

  /** PostgreSQL gives a lock again to the transaction that has it: of those who share one only the first may have it. */
  private isFirst(name: string): boolean {
    const transaction = this.database.transaction?.values;
    if (!transaction) return true;
    const asked = this.asked.get(transaction) ?? new Set();
    this.asked.set(transaction, asked);
    return !asked.has(name) && asked.add(name).has(name);
  }

  async find(key: IdempotencyKey): Promise<StoredAnswer | undefined> {
    const [row] = await this.database.current
      .select()
      .from(idempotencyKeys)
      .where(and(is(key), isFresh));
    return row;
  }

  /** Bound, so that what users wrote is in no log of statements. */
  async keep({ subject, key }: IdempotencyKey, answer: StoredAnswer, run?: string): Promise<void> {
    const { route, requestHash, status, response } = answer;
    await this.database.changing(sql`
      ringonce.keep_idempotent_answer(
        ${subject}, ${key}, ${route}, ${requestHash}, ${status}, ${JSON.stringify(response)}, ${run ?? null}, clock_timestamp()
      )::text`);
  }

  async begin(
    key: IdempotencyKey,
    question: Pick<StoredAnswer, 'route' | 'requestHash'>,
    run: string,
  ): Promise<boolean> {
    const isAbandonedRun = and(eq(idempotencyKeys.status, UNDER_WAY), isSilent);
    const answer = { ...question, status: UNDER_WAY, response: run };
    // One statement, so that of several at once each finds what the others have kept.
    const { rowCount } = await this.database.current
      .insert(idempotencyKeys)
      .values({ ...key, ...answer })
      .onConflictDoUpdate({
        target: [idempotencyKeys.subject, idempotencyKeys.key],
        set: { ...answer, createdAt: sql`clock_timestamp()` },
        setWhere: sql`${or(isExpired, isAbandonedRun)}`,
      });
    return rowCount === 1;
  }

  async touch(key: IdempotencyKey, run: string): Promise<void> {
    await this.database.current
      .update(idempotencyKeys)
      .set({ createdAt: sql`clock_timestamp()` })
      .where(and(is(key), isRun(run)));
  }

  async isAbandoned(key: IdempotencyKey): Promise<boolean> {
    const [row] = await this.database.current
      .select({ isOld: sql<boolean>`${isSilent}` })
      .from(idempotencyKeys)
      .where(is(key));
    return row?.isOld ?? true;
  }

  async forget(key: IdempotencyKey, run: string): Promise<void> {
    await this.database.current.delete(idempotencyKeys).where(and(is(key), isRun(run)));
  }

  /** By the clock of the statement, which an index can be searched by. */
  async sweep(olderThanMs: number, limit: number): Promise<number> {
    const { rowCount } = await this.database.current.execute(sql`
      delete from idempotency_keys where (subject, key) in (
        select subject, key from idempotency_keys
         where created_at <= statement_timestamp() - make_interval(secs => ${olderThanMs / 1_000}::float8)
         order by created_at limit ${limit} for update skip locked)`);
    return rowCount ?? 0;
  }
}
