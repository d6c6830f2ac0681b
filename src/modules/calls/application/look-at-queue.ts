import { Injectable } from '@nestjs/common';
import { DispatchSignal } from './dispatch-signal';
import { DispatchQueue } from './ports/dispatch-queue.port';

/** Wakes the dispatcher when something is due, and tells when the next scheduled call will be. */
@Injectable()
export class LookAtQueue {
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
    if (hasDue && mayWake) this.signal.wake();
    return nextDueInMs;
  }

  /** Calls have just been queued: most are due at once, so the dispatcher does not wait for the look. */
  expectDue(): void {
    this.signal.wake();
  }
}
