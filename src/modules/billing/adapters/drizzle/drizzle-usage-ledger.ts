import { Injectable } from '@nestjs/common';
import { and, eq, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { callsLeftIn } from '../../domain/allowance';
import { type AttemptAccount, lateLine, type LedgerLine, releaseLine, settleLine } from '../../domain/ledger-line';
import {
  type CallsLeft,
  type Reservation,
  type ReservationRequest,
  type Settlement,
  UsageLedger,
} from '../../public/usage-ledger.port';
import { currentAllowances } from './current-allowances';
import { openPeriods } from './open-periods';
import { usageLedgerEntries } from './usage-ledger-entries.table';
import { userCallUsage } from './user-call-usage.table';

/**
 * Adds a new line, the CTE `line`, to the totals of its period: the only statement that changes them.
 * Its SET reads the row as it is when the update happens, so no change is ever lost.
 */
const ADD_LINE_TO_TOTALS = sql`
  update user_call_usage usage
  set calls_used = usage.calls_used + case when line.kind in ('settle', 'adjust') then line.calls else 0 end,
      minutes_used = usage.minutes_used + case when line.kind in ('settle', 'adjust') then line.minutes else 0 end,
      calls_reserved = usage.calls_reserved + line.reserved_calls,
      minutes_reserved = usage.minutes_reserved + line.reserved_minutes
  from line
  where usage.id = line.usage_id
  returning line.minutes`;

/** An attempt's account, and where it is kept. */
interface LockedAccount extends AttemptAccount {
  readonly attemptId: string;
  readonly callQueueId: string;
  readonly usageId: string;
  readonly userId: string | null;
}

const NOTHING_CHARGED: Settlement = { isFirst: false, chargedMinutes: 0, overrunMinutes: 0 };

/**
 * The ledger on PostgreSQL, at READ COMMITTED. Every change of a period, and so of the attempts that reserved from
 * it, happens while the period's row is locked FOR NO KEY UPDATE (which lets foreign keys be checked meanwhile), and
 * the lock is held to the end of the surrounding transaction.
 */
@Injectable()
export class DrizzleUsageLedger extends UsageLedger {
  constructor(private readonly database: Database) {
    super();
  }

  async reserve(requests: readonly ReservationRequest[]): Promise<readonly Reservation[]> {
    if (requests.length === 0) return [];
    const periods = await openPeriods(this.database.current, [...new Set(requests.map(({ userId }) => userId))]);
    const reservations = new Map<ReservationRequest, Reservation>();
    for (const request of inOrderOfUsers(requests)) {
      const usageId = periods.get(request.userId);
      const minutes = usageId === undefined ? undefined : await this.reserveOne(usageId, request);
      reservations.set(request, toReservation(request, minutes));
    }
    return requests.map((request) => reservations.get(request) ?? toReservation(request, undefined));
  }

  async settle(attemptId: string, minutes: number): Promise<Settlement> {
    const account = await this.lockAccount(attemptId);
    return this.charge(account, account && settleLine(account, minutes), minutes);
  }

  async release(attemptId: string): Promise<void> {
    const account = await this.lockAccount(attemptId);
    const line = account && releaseLine(account);
    if (line) await this.append(account, line);
  }

  async chargeLate(attemptId: string, minutes: number): Promise<Settlement> {
    const account = await this.lockAccount(attemptId);
    return this.charge(account, account && lateLine(account, minutes), minutes);
  }

  async callsLeft(userId: string): Promise<CallsLeft> {
    const current = (await currentAllowances(this.database.current, [userId])).get(userId);
    if (!current) return { calls: 0, periodEnd: null, queuedLimit: 0 };
    const { allowance, queuedCallsLimit } = current;
    return { calls: callsLeftIn(allowance), periodEnd: allowance.period.end, queuedLimit: queuedCallsLimit };
  }

  /**
   * Grants what is left, at most the wish; undefined when no call or no minute is left. One statement.
   *
   * Why it cannot oversell at READ COMMITTED: when another transaction holds the row, the statement waits, and then
   * evaluates `allowance` (its conditions and its `least`) on the version which that transaction committed, not on
   * the one in its own snapshot. From there on the row is ours until the end of the transaction, so nobody can take
   * what was found to be left. This holds for the locked row alone: a statement that waited would still see other
   * rows as they were before. That is why everything the decision needs is a column of this row, and why the sum of
   * the ledger's lines is never taken here.
   */
  private async reserveOne(usageId: string, request: ReservationRequest): Promise<number | undefined> {
    const { rows } = await this.database.current.execute<{ minutes: number }>(sql`
      with allowance as (
        select id, user_id, least(${request.minutes}::integer, minutes_remaining) as minutes
        from user_call_usage
        where id = ${usageId}
          and (calls_remaining is null or calls_remaining > 0)
          and (minutes_remaining is null or minutes_remaining > 0)
        for no key update
      ),
      line as (
        insert into usage_ledger_entries
          (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
        select user_id, id, ${request.attemptId}::uuid, ${request.callQueueId}::uuid, 'reserve', 1, minutes, 1, minutes
        from allowance
        returning usage_id, kind, calls, minutes, reserved_calls, reserved_minutes
      )
      ${ADD_LINE_TO_TOTALS}`);
    return rows[0]?.minutes;
  }

  /**
   * Locks the period that reserved for the attempt, then reads the attempt's lines. Two statements: one that waited
   * for the lock would decide on the lines in its old snapshot, and a settlement and a release could both win.
   */
  private async lockAccount(attemptId: string): Promise<LockedAccount | undefined> {
    const [reserved] = await this.database.current
      .select({
        attemptId: usageLedgerEntries.attemptId,
        callQueueId: usageLedgerEntries.callQueueId,
        reservedMinutes: usageLedgerEntries.minutes,
        usageId: userCallUsage.id,
        userId: userCallUsage.userId,
        callsRemaining: userCallUsage.callsRemaining,
        minutesRemaining: userCallUsage.minutesRemaining,
      })
      .from(usageLedgerEntries)
      .innerJoin(userCallUsage, eq(userCallUsage.id, usageLedgerEntries.usageId))
      .where(and(eq(usageLedgerEntries.attemptId, attemptId), eq(usageLedgerEntries.kind, 'reserve')))
      .for('no key update', { of: userCallUsage });
    if (!reserved) return undefined;
    const lines = await this.database.current
      .select({ kind: usageLedgerEntries.kind })
      .from(usageLedgerEntries)
      .where(eq(usageLedgerEntries.attemptId, attemptId));
    return { ...reserved, kinds: lines.map(({ kind }) => kind) };
  }

  private async charge(
    account: LockedAccount | undefined,
    line: LedgerLine | undefined,
    minutes: number,
  ): Promise<Settlement> {
    if (!account || !line) return NOTHING_CHARGED;
    await this.append(account, line);
    return { isFirst: true, chargedMinutes: line.minutes, overrunMinutes: minutes - line.minutes };
  }

  private async append(account: LockedAccount, line: LedgerLine): Promise<void> {
    await this.database.current.execute(sql`
      with line as (
        insert into usage_ledger_entries
          (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
        values (${account.userId}::uuid, ${account.usageId}::uuid, ${account.attemptId}::uuid,
          ${account.callQueueId}::uuid, ${line.kind}, ${line.calls}::integer, ${line.minutes}::integer,
          ${line.reservedCalls}::integer, ${line.reservedMinutes}::integer)
        returning usage_id, kind, calls, minutes, reserved_calls, reserved_minutes
      )
      ${ADD_LINE_TO_TOTALS}`);
  }
}

/** Every unit of work locks users in this order, so two of them never wait for each other. A user's requests keep theirs. */
function inOrderOfUsers(requests: readonly ReservationRequest[]): readonly ReservationRequest[] {
  return [...requests].sort((a, b) => (a.userId < b.userId ? -1 : Number(a.userId > b.userId)));
}

function toReservation({ attemptId }: ReservationRequest, minutes: number | undefined): Reservation {
  return minutes === undefined ? { attemptId, granted: false } : { attemptId, granted: true, minutes };
}
