import { type SQL, sql } from 'drizzle-orm';
import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';

interface Asked {
  readonly expression: SQL;
  readonly resolve: (value: never) => void;
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
   * @param expression changes nothing. A function's value needs no plan of its own; a SELECT in brackets does, each time
   * @returns its value as JSON has it: times are ISO 8601 texts, a bigint is a number
   */
  value<Value>(expression: SQL): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.asked.push({ expression, resolve, reject });
      if (this.asked.length === 1) queueMicrotask(() => void this.send());
    });
  }

  private async send(): Promise<void> {
    const asked = this.asked;
    this.asked = [];
    try {
      const expressions = sql.join(
        asked.map(({ expression }) => expression),
        sql`, `,
      );
      const { rows } = await this.executor.execute<{ values: never[] }>(
        sql`select json_build_array(${expressions}) as values`,
      );
      const values = rows[0]?.values ?? [];
      for (const [index, { resolve }] of asked.entries()) resolve(values[index] as never);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
