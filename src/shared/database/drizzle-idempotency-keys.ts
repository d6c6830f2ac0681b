import { Injectable } from '@nestjs/common';
import { and, eq, not, or, type SQL, sql } from 'drizzle-orm';
import { type IdempotencyKey, IdempotencyKeys, type StoredAnswer, UNDER_WAY } from '../http/idempotency-keys.port';
import { Database } from './database';
import { idempotencyKeys } from './idempotency-keys.table';

/** Expired rows that one new key takes away: more than come in, so the table stays as large as one day. */
const SWEEP_ROWS = 5;

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

@Injectable()
export class DrizzleIdempotencyKeys extends IdempotencyKeys {
  constructor(private readonly database: Database) {
    super();
  }

  async tryLock({ subject, key }: IdempotencyKey): Promise<boolean> {
    const { rows } = await this.database.current.execute<{ locked: boolean }>(
      sql`select pg_try_advisory_xact_lock(hashtextextended(${`${subject} ${key}`}, 0)) as locked`,
    );
    return rows[0]?.locked ?? false;
  }

  async find(key: IdempotencyKey): Promise<StoredAnswer | undefined> {
    const [row] = await this.database.current
      .select()
      .from(idempotencyKeys)
      .where(and(is(key), isFresh));
    return row;
  }

  async keep(key: IdempotencyKey, answer: StoredAnswer, run?: string): Promise<void> {
    await this.write(key, answer, run === undefined ? isExpired : or(isExpired, isRun(run)));
    await this.sweep();
  }

  async begin(
    key: IdempotencyKey,
    question: Pick<StoredAnswer, 'route' | 'requestHash'>,
    run: string,
  ): Promise<boolean> {
    const isAbandonedRun = and(eq(idempotencyKeys.status, UNDER_WAY), isSilent);
    const hasBegun = await this.write(
      key,
      { ...question, status: UNDER_WAY, response: run },
      or(isExpired, isAbandonedRun),
    );
    await this.sweep();
    return hasBegun;
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

  /** One statement, so that of several at once each finds what the others have kept. @returns whether it was written */
  private async write(key: IdempotencyKey, answer: StoredAnswer, mayReplace: SQL | undefined): Promise<boolean> {
    const { rowCount } = await this.database.current
      .insert(idempotencyKeys)
      .values({ ...key, ...answer })
      .onConflictDoUpdate({
        target: [idempotencyKeys.subject, idempotencyKeys.key],
        set: { ...answer, createdAt: sql`clock_timestamp()` },
        ...(mayReplace && { setWhere: mayReplace }),
      });
    return rowCount === 1;
  }

  /** Skips rows that another request is about to take away, so that sweeps never wait for each other. */
  private async sweep(): Promise<void> {
    await this.database.current.execute(sql`
      delete from ${idempotencyKeys} where (subject, key) in (
        select subject, key from ${idempotencyKeys}
         where created_at < now() - interval '24 hours'
         order by created_at limit ${SWEEP_ROWS}
           for update skip locked)`);
  }
}
