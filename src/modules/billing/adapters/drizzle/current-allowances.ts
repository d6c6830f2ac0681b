import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../../../../shared/database/database';
import { type Allowance, balanceOf } from '../../domain/allowance';
import { monthContaining } from '../../domain/period';
import { LIVE_STATUSES } from '../../domain/subscription';
import { subscriptionPlans } from './subscription-plans.table';
import { userCallUsage } from './user-call-usage.table';
import { userSubscriptions } from './user-subscriptions.table';

/** A live subscription's allowance for the month that contains the database's now. */
export interface CurrentAllowance {
  readonly subscriptionId: string;
  /** The period's row; undefined while nobody has needed the period, which then is what the plan grants, untouched. */
  readonly usageId: string | undefined;
  readonly allowance: Allowance;
}

/**
 * Reads the allowances of those users who have a live subscription. Takes no lock and opens nothing, so it works with
 * a user's rights as well. The clock is the statement's, not the transaction's: a subscription that began earlier in
 * the same transaction has begun.
 */
export async function currentAllowances(
  executor: Executor,
  userIds: readonly string[],
): Promise<Map<string, CurrentAllowance>> {
  const found = new Map<string, CurrentAllowance>();
  for (const row of await readRows(executor, userIds)) {
    const current = toCurrent(row);
    if (current.usageId !== undefined || !found.has(row.userId)) found.set(row.userId, current);
  }
  return found;
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

/** Beside the current period's row an older one may still run, from before the subscription's anchor moved. */
function readRows(executor: Executor, userIds: readonly string[]) {
  return executor
    .select({
      userId: sql<string>`${userSubscriptions.userId}`,
      subscriptionId: userSubscriptions.id,
      recordedPeriod: { start: userSubscriptions.currentPeriodStart, end: userSubscriptions.currentPeriodEnd },
      readAt: sql<Date>`statement_timestamp()`.mapWith(userSubscriptions.currentPeriodStart),
      plan: { calls: subscriptionPlans.callLimit, minutes: subscriptionPlans.minutesLimit },
      usage: {
        id: userCallUsage.id,
        start: userCallUsage.billingPeriodStart,
        callsLimit: userCallUsage.callsLimit,
        callsUsed: userCallUsage.callsUsed,
        callsReserved: userCallUsage.callsReserved,
        minutesLimit: userCallUsage.minutesLimit,
        minutesUsed: userCallUsage.minutesUsed,
        minutesReserved: userCallUsage.minutesReserved,
      },
    })
    .from(userSubscriptions)
    .innerJoin(subscriptionPlans, eq(subscriptionPlans.id, userSubscriptions.planId))
    .leftJoin(
      userCallUsage,
      and(eq(userCallUsage.userId, userSubscriptions.userId), gt(userCallUsage.billingPeriodEnd, sql`statement_timestamp()`)),
    )
    .where(and(inArray(userSubscriptions.userId, [...userIds]), inArray(userSubscriptions.status, LIVE_STATUSES)));
}

function toCurrent({ subscriptionId, recordedPeriod, readAt, plan, usage }: Row): CurrentAllowance {
  const period = monthContaining(recordedPeriod, readAt);
  if (usage?.start.getTime() !== period.start.getTime()) {
    const untouched = { period, calls: balanceOf(plan.calls, 0, 0), minutes: balanceOf(plan.minutes, 0, 0) };
    return { subscriptionId, usageId: undefined, allowance: untouched };
  }
  const calls = balanceOf(usage.callsLimit, usage.callsUsed, usage.callsReserved);
  const minutes = balanceOf(usage.minutesLimit, usage.minutesUsed, usage.minutesReserved);
  return { subscriptionId, usageId: usage.id, allowance: { period, calls, minutes } };
}
