import { type SQL, sql } from 'drizzle-orm';
import type { NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';

interface Asked {
  readonly expression: SQL;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** As many arguments as PostgreSQL gives one function. */
const MOST_ARGUMENTS = 100;

/**
 * Values that are asked for together share one statement: a round trip costs more than most of them. "Together" is what
 * is asked for before the process looks at its sockets again, as in `Promise.all`, whoever asks for it.
 */
export class ValuesTogether {
  private asked: Asked[] = [];

  constructor(private readonly executor: Pick<PgDatabase<NodePgQueryResultHKT>, 'execute'>) {}

  /**
   * @param expression best a function's value, which needs no plan of its own; a SELECT in brackets does, each time.
   * Those that change something are executed in the order in which they were asked for
   * @returns its value as JSON has it: times are ISO 8601 texts, a bigint is a number
   */
  value<Value>(expression: SQL): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      this.asked.push({ expression, resolve, reject });
      if (this.asked.length === 1) process.nextTick(() => void this.send());
    });
  }

  private async send(): Promise<void> {
    const asked = this.asked;
    this.asked = [];
    try {
      const values = await this.valuesOf(asked.map(({ expression }) => expression));
      for (const [index, { resolve }] of asked.entries()) resolve(values[index] as never);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }

  private async valuesOf(expressions: readonly SQL[]): Promise<readonly unknown[]> {
    const arrays: SQL[] = [];
    for (let from = 0; from < expressions.length; from += MOST_ARGUMENTS)
      arrays.push(arrayOf(expressions.slice(from, from + MOST_ARGUMENTS)));
    const { rows } = await this.executor.execute<{ values: unknown[][] }>(sql`select ${arrayOf(arrays)} as values`);
    return rows[0]?.values.flat() ?? [];
  }
}

function arrayOf(expressions: readonly SQL[]): SQL {
  return sql`json_build_array(${sql.join([...expressions], sql`, `)})`;
}
