import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Executor } from '../../../../shared/database/database';
import type { LedgerLine, LineKind } from '../../domain/ledger-line';
import type { Remaining } from '../../domain/remaining';
import { usageLedgerEntries } from './usage-ledger-entries.table';
import { userCallUsage } from './user-call-usage.table';

/** Where the lines of one attempt go, and what it reserved. */
export interface LedgerAccount {
  readonly attemptId: string;
  readonly callQueueId: string;
  readonly usageId: string;
  readonly reservedMinutes: number;
  readonly kinds: readonly LineKind[];
}

/** A line that is about to be written. */
export type NewLine = LedgerLine & Pick<LedgerAccount, 'attemptId' | 'callQueueId' | 'usageId'>;

/** Everybody locks periods in this order, so that two units of work never wait for each other. */
const IN_ORDER = [asc(userCallUsage.userId), asc(userCallUsage.billingPeriodStart), asc(userCallUsage.id)] as const;

/** Locks periods until the end of the transaction. @returns what each has left, as the last holder committed it */
export async function lockPeriods(executor: Executor, usageIds: readonly string[]): Promise<Map<string, Remaining>> {
  if (usageIds.length === 0) return new Map();
  const rows = await executor
    .select({ id: userCallUsage.id, calls: userCallUsage.callsRemaining, minutes: userCallUsage.minutesRemaining })
    .from(userCallUsage)
    .where(inArray(userCallUsage.id, [...usageIds]))
    .orderBy(...IN_ORDER)
    .for('no key update');
  return new Map(rows.map(({ id, ...remaining }) => [id, remaining]));
}

/** Locks the periods that reserved for the attempts, and reads what each of them reserved. */
export async function lockReserved(executor: Executor, attemptIds: readonly string[]) {
  const { attemptId, callQueueId, kind, minutes } = usageLedgerEntries;
  return executor
    .select({
      attemptId,
      callQueueId,
      reservedMinutes: minutes,
      usageId: userCallUsage.id,
      calls: userCallUsage.callsRemaining,
      minutes: userCallUsage.minutesRemaining,
    })
    .from(usageLedgerEntries)
    .innerJoin(userCallUsage, eq(userCallUsage.id, usageLedgerEntries.usageId))
    .where(and(inArray(attemptId, [...attemptIds]), eq(kind, 'reserve')))
    .orderBy(...IN_ORDER)
    .for('no key update', { of: userCallUsage });
}

/**
 * Locks the periods that reserved for the attempts, then reads the attempts' lines. Two statements: one that waited
 * for a lock would decide on the lines in its old snapshot, and a settlement and a release could both win.
 * Attempts that never reserved are absent.
 */
export async function lockAccounts(
  executor: Executor,
  attemptIds: readonly string[],
): Promise<{ accounts: Map<string, LedgerAccount>; left: Map<string, Remaining> }> {
  const { attemptId, kind } = usageLedgerEntries;
  const reserved = await lockReserved(executor, attemptIds);
  if (reserved.length === 0) return { accounts: new Map(), left: new Map() };
  const lines = await executor
    .select({ attemptId, kind })
    .from(usageLedgerEntries)
    .where(inArray(attemptId, [...attemptIds]));
  const kinds = new Map<string, LineKind[]>();
  for (const line of lines) kinds.set(line.attemptId, [...(kinds.get(line.attemptId) ?? []), line.kind]);
  return {
    accounts: new Map(
      reserved.map(({ calls: _calls, minutes: _minutes, ...account }) => [
        account.attemptId,
        { ...account, kinds: kinds.get(account.attemptId) ?? [] },
      ]),
    ),
    left: new Map(reserved.map((row) => [row.usageId, { calls: row.calls, minutes: row.minutes }])),
  };
}

/**
 * Writes lines and adds them to the totals of their periods, whose rows the transaction has locked: the only statement
 * that changes totals. Its SET reads each row as it is when the update happens, so no change is ever lost.
 */
export async function appendLines(executor: Executor, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return;
  await executor.execute(sql`
    with line as (
      insert into usage_ledger_entries
        (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
      select (select user_id from user_call_usage where id = "usageId"), "usageId", "attemptId", "callQueueId",
             kind, calls, minutes, "reservedCalls", "reservedMinutes"
        from json_to_recordset(${JSON.stringify(lines)}::json) as told (
          "usageId" uuid, "attemptId" uuid, "callQueueId" uuid, kind text,
          calls integer, minutes integer, "reservedCalls" integer, "reservedMinutes" integer)
      returning usage_id, kind, calls, minutes, reserved_calls, reserved_minutes
    ), total as (
      select usage_id, coalesce(sum(calls) filter (where kind in ('settle', 'adjust')), 0) as calls,
             coalesce(sum(minutes) filter (where kind in ('settle', 'adjust')), 0) as minutes,
             sum(reserved_calls) as reserved_calls, sum(reserved_minutes) as reserved_minutes
        from line group by usage_id
    )
    update user_call_usage as usage
       set calls_used = usage.calls_used + total.calls,
           minutes_used = usage.minutes_used + total.minutes,
           calls_reserved = usage.calls_reserved + total.reserved_calls,
           minutes_reserved = usage.minutes_reserved + total.reserved_minutes
      from total
     where usage.id = total.usage_id`);
}
