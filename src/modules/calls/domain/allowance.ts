import { QueuedCallsLimitReached, QuotaExceeded } from './calls.errors';

/** What a user's plan leaves. */
export interface AllowanceLeft {
  /** Calls of the current period; null when unlimited. */
  readonly calls: number | null;
  /** Calls that are due from then on belong to a later period. */
  readonly periodEnd: Date | null;
  /** Calls that may wait besides those that do, whenever they are due; null when unlimited. */
  readonly room: number | null;
}

/** What a user may still queue. It only refuses early what is hopeless; the reservation at dispatch decides. */
export class Allowance {
  private calls: number;
  private room: number;

  constructor(private readonly left: AllowanceLeft) {
    this.calls = left.calls ?? Infinity;
    this.room = left.room ?? Infinity;
  }

  /** Takes one call that is due at the time (now when undefined). @returns why not; null when it is granted */
  take(dueAt: Date | undefined): QuotaExceeded | QueuedCallsLimitReached | null {
    const needed = this.isLaterPeriod(dueAt) ? 0 : 1;
    if (needed > 0 && this.calls < needed) return new QuotaExceeded();
    if (this.room < 1) return new QueuedCallsLimitReached();
    this.calls -= needed;
    this.room -= 1;
    return null;
  }

  private isLaterPeriod(dueAt: Date | undefined): boolean {
    const { periodEnd } = this.left;
    return dueAt !== undefined && periodEnd !== null && dueAt >= periodEnd;
  }
}
