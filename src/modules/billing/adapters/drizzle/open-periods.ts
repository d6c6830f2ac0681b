import { and, asc, inArray } from 'drizzle-orm';
import type { Executor } from '../../../../shared/database/database';
import { type CurrentAllowance, currentAllowances } from './current-allowances';
import { userCallUsage } from './user-call-usage.table';
import { userSubscriptions } from './user-subscriptions.table';

/**
 * Finds the row of each user's current period, opening those that nobody has needed so far. Users without a live
 * subscription are absent.
 */
export async function openPeriods(executor: Executor, userIds: readonly string[]): Promise<Map<string, string>> {
  const current = await currentAllowances(executor, userIds);
  const missing = [...current].filter(([, { usageId }]) => usageId === undefined);
  const opened = missing.length > 0 ? await open(executor, missing.map(([userId]) => userId)) : [];
  const existing = [...current].flatMap(([userId, { usageId }]) => (usageId ? [[userId, usageId] as const] : []));
  return new Map([...existing, ...opened]);
}

/**
 * Locking: the subscriptions first, in the order of user ids, FOR SHARE. It waits for a change of plan that is under
 * way, and holds one up that would come now; so the limits that are read afterwards, in a new statement with a new
 * snapshot, are still the plan's when the row gets them. Two that open one period at the same time: the second waits
 * at the unique key, does nothing, and finds the first one's row.
 */
async function open(executor: Executor, userIds: readonly string[]): Promise<(readonly [string, string])[]> {
  await executor
    .select({ id: userSubscriptions.id })
    .from(userSubscriptions)
    .where(inArray(userSubscriptions.userId, [...userIds]))
    .orderBy(asc(userSubscriptions.userId), asc(userSubscriptions.id))
    .for('share');
  const current = [...(await currentAllowances(executor, userIds))].sort(([a], [b]) => (a < b ? -1 : 1));
  if (current.length === 0) return [];
  await executor.insert(userCallUsage).values(current.map(toRow)).onConflictDoNothing();
  return findRows(executor, current);
}

function toRow([userId, { subscriptionId, allowance }]: [string, CurrentAllowance]) {
  return {
    userId,
    subscriptionId,
    billingPeriodStart: allowance.period.start,
    billingPeriodEnd: allowance.period.end,
    callsLimit: allowance.calls.limit,
    minutesLimit: allowance.minutes.limit,
  };
}

async function findRows(executor: Executor, current: [string, CurrentAllowance][]): Promise<(readonly [string, string])[]> {
  const starts = new Map(current.map(([userId, { allowance }]) => [userId, allowance.period.start.getTime()]));
  const rows = await executor
    .select({ id: userCallUsage.id, userId: userCallUsage.userId, start: userCallUsage.billingPeriodStart })
    .from(userCallUsage)
    .where(
      and(
        inArray(userCallUsage.userId, [...starts.keys()]),
        inArray(userCallUsage.billingPeriodStart, current.map(([, { allowance }]) => allowance.period.start)),
      ),
    );
  return rows.flatMap(({ id, userId, start }) =>
    userId !== null && starts.get(userId) === start.getTime() ? [[userId, id] as const] : [],
  );
}
