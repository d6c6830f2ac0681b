import { asc, inArray, sql } from 'drizzle-orm';
import type { Database, Executor } from '../../../../shared/database/database';
import { literal, uuids } from '../../../../shared/database/literal';
import type { LedgerLine, LineKind } from '../../domain/ledger-line';
import type { Remaining } from '../../domain/remaining';
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

/**
 * Locks the periods that run for the users, like {@link lockPeriods}, in turn with what else is asked for; none of them
 * unless all hold what is granted, as far as SQL can tell.
 */
export async function lockRunningPeriods(database: Database, userIds: readonly string[]): Promise<Map<string, Remaining>> {
  const rows = await database.inTurn<Remaining & { id: string }>(
    sql`select * from ringonce.lock_running_periods(${uuids(userIds)}, statement_timestamp())`,
  );
  return new Map(rows.map(({ id, ...remaining }) => [id, remaining]));
}

interface ReservedRow extends Omit<LedgerAccount, 'kinds'>, Remaining, Record<string, unknown> {}

/** Locks the periods that reserved for the attempts, and reads what each of them reserved. */
export function lockReserved(database: Database, attemptIds: readonly string[]): Promise<readonly ReservedRow[]> {
  return database.inTurn<ReservedRow>(sql`
    select entry.attempt_id as "attemptId", entry.call_queue_id as "callQueueId", entry.minutes as "reservedMinutes",
           usage.id as "usageId", usage.calls_remaining as calls, usage.minutes_remaining as minutes
      from usage_ledger_entries as entry join user_call_usage as usage on usage.id = entry.usage_id
     where entry.attempt_id = any (${uuids(attemptIds)}) and entry.kind = 'reserve'
     order by usage.user_id, usage.billing_period_start, usage.id
       for no key update of usage`);
}

async function kindsOf(database: Database, attemptIds: readonly string[]): Promise<ReadonlyMap<string, LineKind[]>> {
  const rows = await database.inTurn<{ id: string; kinds: LineKind[] }>(sql`
    select attempt_id as id, array_agg(kind) as kinds from usage_ledger_entries
     where attempt_id = any (${uuids(attemptIds)}) group by attempt_id`);
  return new Map(rows.map(({ id, kinds }) => [id, kinds]));
}

/**
 * Locks the periods that reserved for the attempts, then reads the attempts' lines. Two statements: one that waited
 * for a lock would decide on the lines in its old snapshot, and a settlement and a release could both win.
 * Attempts that never reserved are absent.
 */
export async function lockAccounts(
  database: Database,
  attemptIds: readonly string[],
): Promise<{ accounts: Map<string, LedgerAccount>; left: Map<string, Remaining> }> {
  const [reserved, kinds] = await Promise.all([lockReserved(database, attemptIds), kindsOf(database, attemptIds)]);
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
 * Writes lines and adds them to the totals of their periods, whose rows the transaction has locked: nothing else changes
 * totals.
 */
export async function appendLines(database: Database, lines: readonly NewLine[]): Promise<void> {
  if (lines.length === 0) return;
  await database.change(sql`select ringonce.append_usage_lines(${literal(JSON.stringify(lines))})`);
}
