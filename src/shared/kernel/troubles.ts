/** So many are remembered: what is met may be made up by anybody. */
const MOST = 1_000;
const MINUTE_MS = 60_000;

/**
 * The troubles that are going on, so that each is told of when it begins, and not each time that somebody meets it. One
 * that nobody has met for a while is over, whether or not anybody has noticed.
 */
export class Troubles {
  /** When each was met last; by a clock that never jumps. The one that was met longest ago comes first. */
  private readonly metAtMs = new Map<string, number>();

  /** @param quietMs how long one is not met before it counts as over */
  constructor(private readonly quietMs = MINUTE_MS) {}

  /** @returns whether it has just begun */
  meet(trouble = ''): boolean {
    const nowMs = performance.now();
    const metAtMs = this.metAtMs.get(trouble);
    this.metAtMs.delete(trouble);
    this.metAtMs.set(trouble, nowMs);
    if (this.metAtMs.size > MOST) this.forgetOldest();
    return metAtMs === undefined || nowMs - metAtMs > this.quietMs;
  }

  /** @returns whether it was going on */
  end(trouble = ''): boolean {
    return this.metAtMs.delete(trouble);
  }

  private forgetOldest(): void {
    const [oldest] = this.metAtMs.keys();
    if (oldest !== undefined) this.metAtMs.delete(oldest);
  }
}
