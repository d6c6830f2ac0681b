/**
 * What a user may still queue for the current period. It only refuses early what is hopeless; the reservation at
 * dispatch decides.
 */
export class Allowance {
  /** `left`: calls, null when unlimited. `periodEnd`: calls that are due from then on belong to a later period. */
  constructor(
    private left: number | null,
    private readonly periodEnd: Date | null,
  ) {}

  /** Takes one call that is due at the time (now when undefined); false when nothing is left for it. */
  take(dueAt: Date | undefined): boolean {
    if (this.left === null || this.isLaterPeriod(dueAt)) return true;
    if (this.left <= 0) return false;
    this.left -= 1;
    return true;
  }

  private isLaterPeriod(dueAt: Date | undefined): boolean {
    return dueAt !== undefined && this.periodEnd !== null && dueAt >= this.periodEnd;
  }
}
