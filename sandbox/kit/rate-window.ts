/** Counts what happens within each window of the clock; a new window begins at 0. */
export class RateWindow {
  private window = 0;
  private count = 0;

  constructor(
    private readonly windowMs: number,
    private readonly limit: number,
  ) {}

  /** Counts one more. */
  add(): void {
    this.turn();
    this.count += 1;
  }

  /** Whether more has happened in this window than the limit allows. */
  get isExceeded(): boolean {
    this.turn();
    return this.count > this.limit;
  }

  private turn(): void {
    const window = Math.floor(Date.now() / this.windowMs);
    if (window !== this.window) this.count = 0;
    this.window = window;
  }
}
