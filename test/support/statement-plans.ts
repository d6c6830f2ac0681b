import type { Pool } from 'pg';
import type { TestDatabase } from './test-database';

/** A node of a plan, as far as it matters here. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How a statement came to the rows of one table. */
export interface TableScan {
  readonly table: string;
  /** As PostgreSQL calls it: `Seq Scan`, `Index Scan` ... */
  readonly way: string;
  readonly index: string | undefined;
  /** All that were looked at, those that were thrown away included. */
  readonly rows: number;
}

/** A statement that was executed, and how. */
export interface StatementPlan {
  readonly text: string;
  readonly scans: readonly TableScan[];
}

/**
 * The plans of everything that the service sends, as executed: by statement, with the ones of triggers, foreign keys and
 * functions, and with the service's own parameters and rights. PostgreSQL's auto_explain tells them to the connection.
 */
export class StatementPlans {
  private heard: StatementPlan[] = [];

  /** From now on new connections to the database are told. @throws when the server has no auto_explain */
  static async prepare(database: TestDatabase): Promise<void> {
    await database.query(`load 'auto_explain'`);
    for (const [setting, value] of SETTINGS) {
      await database.query(`alter database ${database.name} set ${setting} = '${value}'`);
    }
  }

  /** @param pool the service's, before its first connection */
  constructor(pool: Pool) {
    pool.on('connect', (client) => {
      client.on('notice', ({ message = '' }) => {
        const plan = toPlan(message);
        if (plan) this.heard.push(plan);
      });
    });
  }

  /** What is executed while the work is under way. Nothing else may be. */
  async of(work: () => Promise<unknown>): Promise<readonly StatementPlan[]> {
    this.heard = [];
    await work();
    return this.heard;
  }
}

const SETTINGS = [
  ['session_preload_libraries', 'auto_explain'],
  ['auto_explain.log_min_duration', '0'],
  ['auto_explain.log_analyze', 'on'],
  ['auto_explain.log_timing', 'off'],
  ['auto_explain.log_nested_statements', 'on'],
  ['auto_explain.log_format', 'json'],
  ['auto_explain.log_level', 'notice'],
] as const;

function toPlan(message: string): StatementPlan | undefined {
  if (!/^duration: .* plan:/.test(message)) return undefined;
  const told = JSON.parse(message.slice(message.indexOf('{'))) as { 'Query Text': string; Plan: PlanNode };
  return { text: told['Query Text'].replace(/\s+/g, ' ').trim(), scans: scansIn(told.Plan) };
}

function scansIn(node: PlanNode): readonly TableScan[] {
  const below = (node.Plans ?? []).flatMap(scansIn);
  const table = node['Relation Name'];
  if (table === undefined || !node['Node Type'].endsWith('Scan')) return below;
  return [{ table, way: node['Node Type'], index: node['Index Name'], rows: rowsOf(node) }, ...below];
}

function rowsOf(node: PlanNode): number {
  const { 'Actual Rows': found = 0, 'Actual Loops': loops = 0 } = node;
  const passedOver = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return Math.round((found + passedOver) * loops);
}
