import { type SQL, sql } from 'drizzle-orm';
import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';

interface Asked {
  readonly statement: SQL;
  readonly resolve: (rows: never[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads that are asked for together share one statement: a round trip costs more than most of them. "Together" is what
 * one run of code asks before it waits for anything, as in `Promise.all`, whichever modules the reads belong to.
 */
export class ReadsTogether {
  private asked: Asked[] = [];

  constructor(private readonly executor: Pick<PgDatabase<NodePgQueryResultHKT>, 'execute'>) {}

  /**
   * @param statement a SELECT that changes nothing, and whose columns have different names
   * @returns its rows as JSON has them: times are ISO 8601 texts, a bigint is a number
   */
  rows<Row>(statement: SQL): Promise<Row[]> {
    return new Promise<Row[]>((resolve, reject) => {
      this.asked.push({ statement, resolve, reject });
      if (this.asked.length === 1) queueMicrotask(() => void this.send());
    });
  }

  private async send(): Promise<void> {
    const asked = this.asked;
    this.asked = [];
    try {
      const parts = asked.map(({ statement }) => sql`(select json_agg(part) from (${statement}) as part)`);
      const statement = sql`select json_build_array(${sql.join(parts, sql`, `)}) as parts`;
      const { rows } = await this.executor.execute<{ parts: (never[] | null)[] }>(statement);
      for (const [index, { resolve }] of asked.entries()) resolve(rows[0]?.parts[index] ?? []);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
