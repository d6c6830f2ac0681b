import { sql } from 'drizzle-orm';
import type { Database, Executor } from '../../../../shared/database/database';
import { uuids } from '../../../../shared/database/literal';
import { type Allowance, balanceOf, type Limits } from '../../domain/allowance';
import { entitlementAt, type GrantingPlan, type Grants } from '../../domain/entitlement';
import type { Tier } from '../../domain/plan';

/** What a live subscription grants for the month that contains the database's now, and what of it is gone. */
export interface CurrentAllowance {
  readonly subscriptionId: string;
  /** The period's row; undefined while nobody has needed the period, which then is untouched. */
  readonly usageId: string | undefined;
  /** Whether the period's row holds what is granted now. It is a copy, and time alone can overtake it. */
  readonly isInStep: boolean;
  readonly allowance: Allowance;
  /** How many calls may wait at a time; null = unlimited. */
  readonly queuedCallsLimit: number | null;
}

/** What a period's row says of what is granted. */
export interface GrantedCopy {
  readonly end: Date;
  readonly callsLimit: number | null;
  readonly minutesLimit: number | null;
}

const UNTOUCHED: UsageColumns = { callsUsed: 0, callsReserved: 0, minutesUsed: 0, minutesReserved: 0 };

/** Where nobody offers a free plan, nothing is left of a plan that grants no more. */
const NO_FREE_PLAN: GrantingPlan = { slug: 'free', limits: { calls: 0, minutes: 0 } };

/**
 * Reads the allowances of those users who have a live subscription, by a function whose plan stays with the connection:
 * planning it anew would cost more than executing it. Takes no lock and opens nothing, so it works with
 * a user's rights as well. The clock is the statement's, not the transaction's: a subscription that began earlier in
 * the same transaction has begun.
 */
export async function currentAllowances(
  executor: Executor,
  userIds: readonly string[],
): Promise<Map<string, CurrentAllowance>> {
  if (userIds.length === 0) return new Map();
  const { rows } = await executor.execute<Row>(
    sql`select * from ringonce.current_allowances(${uuids(userIds)}, statement_timestamp())`,
  );
  return byUser(rows);
}

/** The same, in turn with what else is asked for. */
export async function currentAllowancesInTurn(
  database: Database,
  userIds: readonly string[],
): Promise<Map<string, CurrentAllowance>> {
  const [row] = await database.inTurn<{ rows: readonly Row[] }>(
    sql`select ringonce.current_allowances_as_json(${uuids(userIds)}, statement_timestamp()) as rows`,
  );
  return byUser(row?.rows ?? []);
}

/** The allowance of one user, by a statement that it shares with what else is asked for at the same time. */
export async function currentAllowance(database: Database, userId: string): Promise<CurrentAllowance | undefined> {
  const rows = await database.value<readonly Row[]>(
    sql`ringonce.current_allowances_as_json(${uuids([userId])}, statement_timestamp())`,
  );
  return byUser(rows).get(userId);
}

function byUser(rows: readonly Row[]): Map<string, CurrentAllowance> {
  const found = new Map<string, CurrentAllowance>();
  for (const row of rows) {
    const current = toCurrent(row);
    if (current.usageId !== undefined || !found.has(row.userId)) found.set(row.userId, current);
  }
  return found;
}

interface PlanColumns {
  readonly slug: Tier;
  readonly calls: number | null;
  readonly minutes: number | null;
}

interface UsageColumns {
  readonly callsUsed: number;
  readonly callsReserved: number;
  readonly minutesUsed: number;
  readonly minutesReserved: number;
}

interface Row extends PlanColumns, UsageColumns, Record<string, unknown> {
  readonly userId: string;
  readonly subscriptionId: string;
  readonly recordedStart: string;
  readonly recordedEnd: string;
  readonly grantsUntil: string | null;
  readonly readAt: string;
  readonly nextPlan: PlanColumns | null;
  readonly freePlan: PlanColumns | null;
  readonly ownLimits: Limits | null;
  readonly queuedCallsLimit: number | null;
  /** Null, with everything behind it, where there is no period's row. */
  readonly usageId: string | null;
  readonly start: string;
  readonly end: string;
  readonly callsLimit: number | null;
  readonly minutesLimit: number | null;
}

function toCurrent(row: Row): CurrentAllowance {
  const { period, limits } = entitlementAt(toGrants(row), new Date(row.readAt));
  const usage = row.usageId !== null && isAt(row.start, period.start) ? row : undefined;
  const gone = usage ?? UNTOUCHED;
  const allowance = {
    period,
    calls: balanceOf(limits.calls, gone.callsUsed, gone.callsReserved),
    minutes: balanceOf(limits.minutes, gone.minutesUsed, gone.minutesReserved),
  };
  return {
    subscriptionId: row.subscriptionId,
    usageId: usage?.usageId ?? undefined,
    isInStep: usage !== undefined && holds({ ...usage, end: new Date(usage.end) }, allowance),
    allowance,
    queuedCallsLimit: row.queuedCallsLimit,
  };
}

/** Whether a period's row holds what is granted. */
export function holds({ end, callsLimit, minutesLimit }: GrantedCopy, { period, calls, minutes }: Allowance): boolean {
  return end.getTime() === period.end.getTime() && callsLimit === calls.limit && minutesLimit === minutes.limit;
}

function toGrants({ grantsUntil, nextPlan, freePlan, ownLimits, ...row }: Row): Grants {
  return {
    plan: toGrantingPlan(row),
    recordedPeriod: { start: new Date(row.recordedStart), end: new Date(row.recordedEnd) },
    grantsUntil: grantsUntil === null ? null : new Date(grantsUntil),
    nextPlan: nextPlan && toGrantingPlan(nextPlan),
    freePlan: freePlan ? toGrantingPlan(freePlan) : NO_FREE_PLAN,
    ownLimits,
  };
}

function toGrantingPlan({ slug, calls, minutes }: PlanColumns): GrantingPlan {
  return { slug, limits: { calls, minutes } };
}

function isAt(text: string, moment: Date): boolean {
  return new Date(text).getTime() === moment.getTime();
}
