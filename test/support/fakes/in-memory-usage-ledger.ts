import { type Allowance, balanceOf, callsLeftIn, type Limits } from '../../../src/modules/billing/domain/allowance';
import {
  isUsing,
  lateLine,
  type LedgerLine,
  releaseLine,
  reserveLine,
  settleLine,
} from '../../../src/modules/billing/domain/ledger-line';
import { monthContaining, monthFrom, type Period } from '../../../src/modules/billing/domain/period';
import {
  type CallsLeft,
  type Charge,
  type Reservation,
  type ReservationRequest,
  type Settlement,
  UsageLedger,
} from '../../../src/modules/billing/public/usage-ledger.port';

/** What the ledger holds of one user's period. */
export interface UsageBook {
  readonly userId: string;
  readonly period: Period;
  /** What is granted, as far as the ledger knows: a copy. */
  limits: Limits;
  readonly lines: (LedgerLine & { readonly attemptId: string })[];
}

/** As seeded. */
const ENTERPRISE_QUEUED_LIMIT = 100_000;
const NOTHING_CHARGED: Settlement = { isFirst: false, chargedMinutes: 0, overrunMinutes: 0 };

/** The ledger in memory. It knows no transactions: what has happened stays, whatever becomes of the work around it. */
export class InMemoryUsageLedger extends UsageLedger {
  /** Every period that was needed so far, in that order. */
  readonly books: UsageBook[] = [];
  private readonly subscriptions = new Map<string, { readonly limits: Limits; readonly anchor: Period }>();

  constructor(private readonly now: () => Date = () => new Date()) {
    super();
  }

  /** Gives the user a live subscription, or moves the anchor of its periods. */
  subscribe(userId: string, limits: Limits, since: Date = this.now()): void {
    this.subscriptions.set(userId, { limits, anchor: monthFrom(since) });
  }

  /** Gives the user's subscription other limits; the running period follows. */
  change(userId: string, limits: Limits): void {
    const subscription = this.subscriptions.get(userId);
    if (!subscription) return;
    this.subscriptions.set(userId, { ...subscription, limits });
    const book = this.bookOf(userId, monthContaining(subscription.anchor, this.now()));
    if (book) book.limits = limits;
  }

  unsubscribe(userId: string): void {
    this.subscriptions.delete(userId);
  }

  reserve(requests: readonly ReservationRequest[]): Promise<readonly Reservation[]> {
    return settled(() => requests.map((request) => this.reserveOne(request)));
  }

  lock(): Promise<void> {
    return Promise.resolve();
  }

  settle(charges: readonly Charge[]): Promise<readonly Settlement[]> {
    return settled(() => charges.map((charge) => this.charge(charge, settleLine)));
  }

  release(attemptIds: readonly string[]): Promise<void> {
    return settled(() => {
      for (const attemptId of attemptIds) this.charge({ attemptId, minutes: 0 }, releaseLine);
    });
  }

  chargeLate(charges: readonly Charge[]): Promise<readonly Settlement[]> {
    return settled(() => charges.map((charge) => this.charge(charge, lateLine)));
  }

  callsLeft(userId: string): Promise<CallsLeft> {
    const allowance = this.currentAllowance(userId);
    if (!allowance) return Promise.resolve({ calls: 0, periodEnd: null, queuedLimit: 0 });
    return Promise.resolve({
      calls: callsLeftIn(allowance),
      periodEnd: allowance.period.end,
      queuedLimit: ENTERPRISE_QUEUED_LIMIT,
    });
  }

  private reserveOne(request: ReservationRequest): Reservation {
    const { attemptId, userId } = request;
    const book = this.openBook(userId);
    if (!book) return { attemptId, granted: false };
    if (this.books.some(({ lines }) => lines.some((line) => line.attemptId === attemptId)))
      throw new Error(`Attempt ${attemptId} has reserved already`);
    const { calls, minutes } = balancesOf(book);
    if (calls.remaining === 0 || minutes.remaining === 0) return { attemptId, granted: false };
    const granted = Math.min(request.minutes, minutes.remaining ?? Infinity);
    book.lines.push({ ...reserveLine(granted), attemptId });
    return { attemptId, granted: true, minutes: granted };
  }

  private charge({ attemptId, minutes }: Charge, toLine: typeof settleLine): Settlement {
    const found = this.accountOf(attemptId);
    const line = found && toLine(found, minutes);
    if (!line) return NOTHING_CHARGED;
    found.book.lines.push({ ...line, attemptId });
    return { isFirst: true, chargedMinutes: line.minutes, overrunMinutes: minutes - line.minutes };
  }

  private accountOf(attemptId: string) {
    const book = this.books.find(({ lines }) => lines.some((line) => line.attemptId === attemptId));
    if (!book) return undefined;
    const own = book.lines.filter((line) => line.attemptId === attemptId);
    const { calls, minutes } = balancesOf(book);
    return {
      book,
      reservedMinutes: own.find(({ kind }) => kind === 'reserve')?.minutes ?? 0,
      kinds: own.map(({ kind }) => kind),
      callsRemaining: calls.remaining,
      minutesRemaining: minutes.remaining,
    };
  }

  private openBook(userId: string): UsageBook | undefined {
    const subscription = this.subscriptions.get(userId);
    if (!subscription) return undefined;
    const period = monthContaining(subscription.anchor, this.now());
    const existing = this.bookOf(userId, period);
    const book: UsageBook = existing ?? { userId, period, limits: subscription.limits, lines: [] };
    book.limits = subscription.limits;
    if (!existing) this.books.push(book);
    return book;
  }

  private currentAllowance(userId: string): Allowance | undefined {
    const subscription = this.subscriptions.get(userId);
    if (!subscription) return undefined;
    const period = monthContaining(subscription.anchor, this.now());
    const lines = this.bookOf(userId, period)?.lines ?? [];
    return { period, ...balancesOf({ limits: subscription.limits, lines }) };
  }

  private bookOf(userId: string, period: Period): UsageBook | undefined {
    return this.books.find((book) => book.userId === userId && isSame(book.period, period));
  }
}

/** The totals of a book: the sums of its lines. */
export function balancesOf({ limits, lines }: Pick<UsageBook, 'limits' | 'lines'>): Omit<Allowance, 'period'> {
  const sum = (pick: (line: LedgerLine) => number) => lines.reduce((total, line) => total + pick(line), 0);
  const used = (pick: (line: LedgerLine) => number) => sum((line) => (isUsing(line) ? pick(line) : 0));
  return {
    calls: balanceOf(
      limits.calls,
      used((line) => line.calls),
      sum((line) => line.reservedCalls),
    ),
    minutes: balanceOf(
      limits.minutes,
      used((line) => line.minutes),
      sum((line) => line.reservedMinutes),
    ),
  };
}

function isSame(a: Period, b: Period): boolean {
  return a.start.getTime() === b.start.getTime();
}

/** What the work returns or throws, as a promise. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
