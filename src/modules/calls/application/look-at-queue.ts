import { Injectable } from '@nestjs/common';
import { DispatchSignal } from './dispatch-signal';
import { DispatchQueue } from './ports/dispatch-queue.port';

/** Wakes the dispatcher when something is due, and tells when the next scheduled call will be. */
@Injectable()
export class LookAtQueue {
  /** When the last look was over, and since when every look has found something due; by a clock that never jumps. */
  private lookedAtMs = performance.now();
  private dueSinceMs: number | undefined;

  constructor(
    private readonly queue: DispatchQueue,
    private readonly signal: DispatchSignal,
  ) {}

  /**
   * @param mayWake false where the dispatcher has just been woken
   * @returns milliseconds until the next call that is not due yet, by the database's clock; null without one
   */
  async execute(mayWake = true): Promise<number | null> {
    const { hasDue, nextDueInMs } = await this.queue.outlook();
    this.lookedAtMs = performance.now();
    this.dueSinceMs = hasDue ? (this.dueSinceMs ?? this.lookedAtMs) : undefined;
    if (hasDue && mayWake) this.signal.wake();
    return nextDueInMs;
  }

  /** How long ago the last look was over, or the first one could have begun. */
  get ageMs(): number {
    return performance.now() - this.lookedAtMs;
  }

  /** For how long there has been something due, whether or not it can go out. */
  get dueForMs(): number {
    return this.dueSinceMs === undefined ? 0 : performance.now() - this.dueSinceMs;
  }

  /** Calls have just been queued: most are due at once, so the dispatcher does not wait for the look. */
  expectDue(): void {
    this.signal.wake();
  }
}
