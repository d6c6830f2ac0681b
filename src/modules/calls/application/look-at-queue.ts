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

  /** @returns milliseconds until the next call that is not due yet, by the database's clock; null without one */
  async execute(): Promise<number | null> {
    const { hasDue, nextDueInMs } = await this.queue.outlook();
    if (hasDue) this.signal.wake();
    return nextDueInMs;
  }

  /** Calls have just been queued: most are due at once, so the dispatcher does not wait for the look. */
  expectDue(): void {
    this.signal.wake();
  }
}
