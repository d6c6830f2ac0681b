import { sql } from 'drizzle-orm';
import type { Limits } from '../../src/modules/billing/domain/allowance';
import type { Reservation, Settlement } from '../../src/modules/billing/public/usage-ledger.port';
import type { LedgerConnection } from './ledger-life';

/** What a user's subscription granted at one time. */
interface Grant {
  readonly userId: string;
  readonly start: number;
  readonly limits: Limits;
}

/** What was granted from one moment on. */
interface Sight {
  readonly grants: readonly Grant[];
  readonly isOfClock: boolean;
}

interface PeriodRow extends Record<string, unknown> {
  readonly userId: string;
  readonly start: number;
  readonly callsLimit: number | null;
  readonly minutesLimit: number | null;
  /** Used and reserved. */
  readonly calls: number;
  readonly minutes: number;
  readonly lineCalls: number;
  readonly lineMinutes: number;
}

/** Sees what is granted after every commit and every move of the clock, and holds the ledger against it. */
export class LedgerWitness {
  private readonly sights: Sight[] = [];
  /** The number of sights when each open unit of work began. */
  private readonly open = new Map<LedgerConnection, number>();
  private readonly changes = new Map<LedgerConnection, Grant[]>();

  constructor(
    private readonly observer: LedgerConnection,
    private readonly users: readonly string[],
  ) {}

  async look(isOfClock = false): Promise<void> {
    this.sights.push({ grants: await grantsOf(this.observer, this.users), isOfClock });
  }

  async moveClock(hours: number): Promise<void> {
    await this.observer.ask('update test_clock.clock set now = now + make_interval(hours => $1)', [hours]);
    await this.look(true);
  }

  async blocked(processIds: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await this.observer.ask<{ pid: number }>(
      'select pid from unnest($1::int[]) pid where cardinality(pg_blocking_pids(pid)) > 0',
      [processIds],
    );
    return new Set(rows.map(({ pid }) => pid));
  }

  /** A unit of work begins on the connection. */
  begin(connection: LedgerConnection) {
    this.open.set(connection, this.sights.length);
    this.changes.delete(connection);
    return {
      committed: async () => {
        const changes = this.changes.get(connection);
        if (changes) this.sights.push({ grants: changes, isOfClock: false });
        await Promise.all([this.look(), this.expectTrueBooks()]);
      },
      over: () => this.open.delete(connection),
    };
  }

  /** Where the running unit of work on this connection stands in what was seen. */
  position(connection: LedgerConnection) {
    return { from: this.open.get(connection) ?? 0, oldest: Math.min(...this.open.values()) };
  }

  /** What the change that is under way on the connection grants: that counts once it is committed. */
  async noteChange(connection: LedgerConnection, userId: string): Promise<void> {
    this.changes.set(connection, await connection.gate.unheld(() => grantsOf(connection, [userId])));
  }

  /**
   * Each reservation is within the limits of its period's row, and those were granted at some moment since its unit of
   * work began. Where nothing but the clock can have overtaken them, they are what is granted at this very moment.
   */
  async expectGranted(
    connection: LedgerConnection,
    { from, oldest }: { readonly from: number; readonly oldest: number },
    answers: readonly Reservation[],
  ): Promise<void> {
    const attempts = answers.flatMap(({ attemptId, granted }) => (granted ? [attemptId] : []));
    const rows = await connection.gate.unheld(() => readRows(connection, attempts, 'reserve'));
    expect(rows).toHaveLength(attempts.length);
    await connection.gate.pass();
    const seen = this.sights.slice(from - 1).flatMap(({ grants }) => grants);
    const hasClockMoved = this.sights.slice(oldest).some(({ isOfClock }) => isOfClock);
    for (const row of rows) {
      expectWithin(row, row.calls, row.minutes);
      expect(seen.filter((grant) => isOf(row, grant)).map(({ limits }) => limits)).toContainEqual(limitsOf(row));
      const latest = this.sights.at(-1)?.grants.find((grant) => isOf(row, grant));
      if (latest && !hasClockMoved) expect(limitsOf(row)).toEqual(latest.limits);
    }
  }

  /** A settlement that came first has charged what it says; a late one keeps within the limits. */
  async expectCharged(connection: LedgerConnection, attemptId: string, settlement: Settlement): Promise<void> {
    if (!settlement.isFirst) return;
    const [late] = await connection.gate.unheld(() => readRows(connection, [attemptId], 'adjust'));
    const [settled] = await connection.gate.unheld(() => readRows(connection, [attemptId], 'settle'));
    expect((late ?? settled)?.lineMinutes).toBe(settlement.chargedMinutes);
    if (late) expectWithin(late, late.lineCalls && late.calls, late.lineMinutes && late.minutes);
  }

  /** Totals are the sums of their lines, nothing is negative, and each attempt ends once, where it began. */
  async expectTrueBooks(): Promise<void> {
    const wrong = await this.observer.ask(
      `
      with sums as (
        select usage_id, sum(calls) filter (where kind in ('settle', 'adjust')) as calls,
          sum(minutes) filter (where kind in ('settle', 'adjust')) as minutes,
          sum(reserved_calls) as reserved_calls, sum(reserved_minutes) as reserved_minutes,
          bool_or(calls < 0 or minutes < 0) as is_negative
        from usage_ledger_entries where user_id = any ($1::uuid[]) group by usage_id
      )
      select 'totals' as what, usage.id::text from user_call_usage usage left join sums on usage_id = usage.id
      where usage.user_id = any ($1::uuid[]) and (
        calls_used <> coalesce(calls, 0) or minutes_used <> coalesce(minutes, 0)
        or calls_reserved <> coalesce(sums.reserved_calls, 0) or minutes_reserved <> coalesce(sums.reserved_minutes, 0)
        or is_negative or calls_remaining < 0 or minutes_remaining < 0 or calls_reserved < 0 or minutes_reserved < 0)
      union all
      select 'attempt', attempt_id::text from usage_ledger_entries where user_id = any ($1::uuid[])
      group by attempt_id
      having count(distinct usage_id) > 1 or count(*) filter (where kind = 'reserve') <> 1
        or count(*) filter (where kind in ('settle', 'release')) > 1
        or count(*) filter (where kind in ('settle', 'adjust')) > 1
        or count(*) filter (where kind = 'adjust') > count(*) filter (where kind = 'release')
        or sum(minutes) filter (where kind in ('settle', 'adjust')) > sum(minutes) filter (where kind = 'reserve')`,
      [this.users],
    );
    expect(wrong).toEqual([]);
  }
}

async function grantsOf(connection: LedgerConnection, users: readonly string[]): Promise<Grant[]> {
  return [...(await connection.grantsOf(users))].map(([userId, { allowance }]) => ({
    userId,
    start: allowance.period.start.getTime(),
    limits: { calls: allowance.calls.limit, minutes: allowance.minutes.limit },
  }));
}

/** The periods that the attempts' lines of one kind belong to, as their own transaction sees them. */
function readRows(connection: LedgerConnection, attempts: readonly string[], kind: string): Promise<PeriodRow[]> {
  return connection.query<PeriodRow>(sql`
    select usage.user_id as "userId", (extract(epoch from billing_period_start) * 1000)::float8 as start,
      calls_limit as "callsLimit", minutes_limit as "minutesLimit", calls_used + calls_reserved as calls,
      minutes_used + minutes_reserved as minutes, line.calls as "lineCalls", line.minutes as "lineMinutes"
    from usage_ledger_entries line join user_call_usage usage on usage.id = line.usage_id
    where line.kind = ${kind} and line.attempt_id = any (${sql.param(`{${attempts.join(',')}}`)}::uuid[])`);
}

function expectWithin({ callsLimit, minutesLimit }: PeriodRow, calls: number, minutes: number): void {
  expect(calls).toBeLessThanOrEqual(callsLimit ?? Infinity);
  expect(minutes).toBeLessThanOrEqual(minutesLimit ?? Infinity);
}

function isOf({ userId, start }: PeriodRow, grant: Grant): boolean {
  return userId === grant.userId && start === grant.start;
}

function limitsOf({ callsLimit, minutesLimit }: PeriodRow): Limits {
  return { calls: callsLimit, minutes: minutesLimit };
}
