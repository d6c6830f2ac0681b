import { and, asc, eq, inArray } from 'drizzle-orm';
import type { Database, Executor } from '../../../../shared/database/database';
import { LIVE_STATUSES } from '../../domain/subscription';
import { type Remaining } from '../../domain/remaining';
import { type CurrentAllowance, currentAllowances, currentAllowancesInTurn, holds } from './current-allowances';
import { lockPeriods, lockRunningPeriods } from './ledger-rows';
import { userCallUsage } from './user-call-usage.table';
import { userSubscriptions } from './user-subscriptions.table';

/** A user, and what the user's subscription grants now. */
type Entry = readonly [userId: string, current: CurrentAllowance];

/** Locked periods. */
interface OpenPeriods {
  /** The id of each user's period; users without a live subscription are absent. */
  readonly periods: ReadonlyMap<string, string>;
  /** What each period has left, as the last holder committed it. */
  readonly left: Map<string, Remaining>;
}

/**
 * Locks the row of each user's current period, with the limits that hold now, until the end of the transaction: opens
 * those that nobody has needed so far, and brings those into step that were overtaken. One message as long as every row
 * is as it should be.
 *
 * A row that is out of step in nothing but its end is locked before its subscription is, against the order that all keep:
 * should somebody change the subscription at the same moment, PostgreSQL ends one of the two, which is then repeated.
 * @param userIds each once
 */
export async function lockOpenPeriods(database: Database, userIds: readonly string[]): Promise<OpenPeriods> {
  const [current, running] = await Promise.all([
    currentAllowancesInTurn(database, userIds),
    lockRunningPeriods(database, userIds),
  ]);
  const isInStep = [...current.values()].every((one) => one.isInStep);
  const periods = isInStep ? rowsOf(current) : await opened(database.current, userIds);
  const ids = [...periods.values()];
  const isLocked = ids.every((id) => running.has(id));
  return { periods, left: isLocked ? running : await lockPeriods(database.current, ids) };
}

/**
 * Gives the user's current period, if it is open, the limits that hold now. The subscription was changed before, by
 * the surrounding transaction or by time.
 */
export async function refreshPeriod(executor: Executor, userId: string): Promise<void> {
  for (const [, current] of await heldAllowances(executor, [userId], 'no key update')) {
    if (current.usageId !== undefined && !current.isInStep) await grant(executor, current.usageId, current);
  }
}

async function opened(executor: Executor, userIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  return new Map((await bringIntoStep(executor, userIds)).map(({ userId, id }) => [userId, id]));
}

function rowsOf(current: ReadonlyMap<string, CurrentAllowance>): Map<string, string> {
  return new Map([...current].flatMap(([userId, { usageId }]) => (usageId ? [[userId, usageId] as const] : [])));
}

/**
 * Locking: the subscriptions first, FOR SHARE. Two that open one period at the same time: the second waits at the
 * unique key, does nothing, and finds the first one's row. Then the rows of all the users, those in step too: whoever
 * locked only some of them now, and the others with the reservations, would break the order of users.
 */
async function bringIntoStep(executor: Executor, userIds: readonly string[]) {
  const current = [...(await heldAllowances(executor, userIds, 'share'))].sort(([a], [b]) => (a < b ? -1 : 1));
  const missing = current.filter(([, { usageId }]) => usageId === undefined);
  if (missing.length > 0) await executor.insert(userCallUsage).values(missing.map(toRow)).onConflictDoNothing();
  const rows = await lockRows(executor, current);
  const granted = new Map(current);
  for (const row of rows) {
    const now = granted.get(row.userId);
    if (now && !holds(row, now.allowance)) await grant(executor, row.id, now);
  }
  return rows;
}

/**
 * What live subscriptions grant, and go on granting as long as the transaction runs: locking them waits for a change
 * that is under way, and holds one up that would come now. Whoever was waited for may have begun another subscription,
 * which that statement could not see yet: then once more. Ended ones stay unlocked: whoever changes a subscription may
 * change those in any order.
 */
async function heldAllowances(executor: Executor, userIds: readonly string[], strength: 'share' | 'no key update') {
  for (;;) {
    const rows = await executor
      .select({ id: userSubscriptions.id })
      .from(userSubscriptions)
      .where(and(inArray(userSubscriptions.userId, [...userIds]), inArray(userSubscriptions.status, LIVE_STATUSES)))
      .orderBy(asc(userSubscriptions.userId))
      .for(strength);
    const held = new Set(rows.map(({ id }) => id));
    const current = await currentAllowances(executor, userIds);
    if ([...current.values()].every(({ subscriptionId }) => held.has(subscriptionId))) return current;
  }
}

function toRow([userId, { subscriptionId, allowance }]: Entry) {
  return {
    userId,
    subscriptionId,
    billingPeriodStart: allowance.period.start,
    billingPeriodEnd: allowance.period.end,
    callsLimit: allowance.calls.limit,
    minutesLimit: allowance.minutes.limit,
  };
}

async function lockRows(executor: Executor, current: readonly Entry[]) {
  if (current.length === 0) return [];
  const starts = new Map(current.map(([userId, { allowance }]) => [userId, allowance.period.start.getTime()]));
  const rows = await executor
    .select({
      id: userCallUsage.id,
      userId: userCallUsage.userId,
      start: userCallUsage.billingPeriodStart,
      end: userCallUsage.billingPeriodEnd,
      callsLimit: userCallUsage.callsLimit,
      minutesLimit: userCallUsage.minutesLimit,
    })
    .from(userCallUsage)
    .where(
      and(
        inArray(userCallUsage.userId, [...starts.keys()]),
        inArray(userCallUsage.billingPeriodStart, current.map(([, { allowance }]) => allowance.period.start)),
      ),
    )
    .orderBy(asc(userCallUsage.userId), asc(userCallUsage.billingPeriodStart))
    .for('no key update');
  return rows.flatMap(({ userId, ...row }) =>
    userId !== null && starts.get(userId) === row.start.getTime() ? [{ userId, ...row }] : [],
  );
}

async function grant(executor: Executor, usageId: string, { allowance }: CurrentAllowance): Promise<void> {
  const { period, calls, minutes } = allowance;
  await executor
    .update(userCallUsage)
    .set({ billingPeriodEnd: period.end, callsLimit: calls.limit, minutesLimit: minutes.limit })
    .where(eq(userCallUsage.id, usageId));
}
