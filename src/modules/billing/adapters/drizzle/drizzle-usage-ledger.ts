import { Injectable } from '@nestjs/common';
import { Database } from '../../../../shared/database/database';
import { callsLeftIn } from '../../domain/allowance';
import { lateLine, type LedgerLine, releaseLine, reserveLine, settleLine } from '../../domain/ledger-line';
import { grantedOf, without } from '../../domain/remaining';
import {
  type CallsLeft,
  type Charge,
  type Reservation,
  type ReservationRequest,
  type Settlement,
  UsageLedger,
} from '../../public/usage-ledger.port';
import { currentAllowance } from './current-allowances';
import { appendLines, lockAccounts, lockReserved, type NewLine } from './ledger-rows';
import { lockOpenPeriods } from './open-periods';

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

  /**
   * Why it cannot oversell: what is left is a column of the period's row, and is read by the statement that locks the
   * row. When another transaction holds it, that statement waits, and then tells what the other one has committed, not
   * what its own snapshot shows. From there on the row is ours until the end of the transaction. This holds for the
   * locked row alone, which is why the sum of the ledger's lines is never taken here.
   */
  async reserve(requests: readonly ReservationRequest[]): Promise<readonly Reservation[]> {
    if (requests.length === 0) return [];
    const { periods, left } = await lockOpenPeriods(this.database, [...new Set(requests.map(({ userId }) => userId))]);
    const lines: NewLine[] = [];
    const reservations = requests.map(({ attemptId, callQueueId, userId, minutes: wish }): Reservation => {
      const usageId = periods.get(userId) ?? '';
      const remaining = left.get(usageId);
      const minutes = remaining && grantedOf(remaining, wish);
      if (!remaining || minutes === undefined) return { attemptId, granted: false };
      left.set(usageId, without(remaining, { calls: 1, minutes }));
      lines.push({ ...reserveLine(minutes), attemptId, callQueueId, usageId });
      return { attemptId, granted: true, minutes };
    });
    await appendLines(this.database, lines);
    return reservations;
  }

  async lock(attemptIds: readonly string[]): Promise<void> {
    if (attemptIds.length > 0) await lockReserved(this.database, attemptIds);
  }

  settle(charges: readonly Charge[]): Promise<readonly Settlement[]> {
    return this.charge(charges, settleLine);
  }

  async release(attemptIds: readonly string[]): Promise<void> {
    await this.charge(
      attemptIds.map((attemptId) => ({ attemptId, minutes: 0 })),
      releaseLine,
    );
  }

  chargeLate(charges: readonly Charge[]): Promise<readonly Settlement[]> {
    return this.charge(charges, lateLine);
  }

  async callsLeft(userId: string): Promise<CallsLeft> {
    const current = await currentAllowance(this.database, userId);
    if (!current) return { calls: 0, periodEnd: null, queuedLimit: 0 };
    const { allowance, queuedCallsLimit } = current;
    return { calls: callsLeftIn(allowance), periodEnd: allowance.period.end, queuedLimit: queuedCallsLimit };
  }

  /** Each charge sees what the ones before it have written: the same attempt twice, or two of one period. */
  private async charge(charges: readonly Charge[], toLine: ToLine): Promise<readonly Settlement[]> {
    if (charges.length === 0) return [];
    const { accounts, left } = await lockAccounts(
      this.database,
      charges.map(({ attemptId }) => attemptId),
    );
    const lines: NewLine[] = [];
    const settlements = charges.map(({ attemptId, minutes }): Settlement => {
      const account = accounts.get(attemptId);
      const remaining = account && left.get(account.usageId);
      if (!remaining) return NOTHING_CHARGED;
      const { calls: callsRemaining, minutes: minutesRemaining } = remaining;
      const line = toLine({ ...account, callsRemaining, minutesRemaining }, minutes);
      if (!line) return NOTHING_CHARGED;
      accounts.set(attemptId, { ...account, kinds: [...account.kinds, line.kind] });
      if (line.kind === 'adjust') left.set(account.usageId, without(remaining, line));
      lines.push({ ...account, ...line });
      return { isFirst: true, chargedMinutes: line.minutes, overrunMinutes: minutes - line.minutes };
    });
    await appendLines(this.database, lines);
    return settlements;
  }
}

type ToLine = (account: Parameters<typeof lateLine>[0], minutes: number) => LedgerLine | undefined;
