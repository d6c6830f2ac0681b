/** Timers of one stand-in: faster than real time if wished, and all gone after `stop`. */
export class Timers {
  private readonly pending = new Set<NodeJS.Timeout>();
  private stopped = false;

  /** `speed` 50 makes a minute pass in 1.2 seconds; `told` is called after every effect. */
  constructor(
    private readonly speed: number,
    private readonly told: () => void = () => undefined,
  ) {}

  /** Whether the stand-in's own time passes in no time at all: nothing in it can take long, or be waited for. */
  get isInstant(): boolean {
    return this.speed === Infinity;
  }

  /** Runs the effect after so many seconds of the stand-in's own time. */
  after(seconds: number, effect: () => void): void {
    this.afterRealMs((seconds * 1000) / this.speed, effect);
  }

  /** Runs the effect after so many milliseconds on everybody's clock. */
  afterRealMs(delayMs: number, effect: () => void): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      effect();
      this.told();
    }, delayMs);
    this.pending.add(timer);
  }

  /** A pause that simply never ends once the timers have been stopped. */
  pauseMs(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.afterRealMs(delayMs, resolve));
  }

  clear(): void {
    for (const timer of this.pending) clearTimeout(timer);
    this.pending.clear();
  }

  stop(): void {
    this.stopped = true;
    this.clear();
  }
}
