import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from '../fault/instance';

export type Version = 'old' | 'new';

/** An instance with its version, as the balancer and the one who replaces instances see it. */
export class Member {
  /** What the last question about it was answered. */
  isReady = false;
  /** It gets no more requests, whatever it says. */
  isLeaving = false;
  /** It is going to be killed, or has been. */
  isDoomed = false;
  /** The name under which it claims; known once it has. */
  claimant: string | undefined;

  constructor(
    readonly name: string,
    readonly version: Version,
    readonly instance: Instance,
  ) {}

  /** Whether it is dead and was meant to be; a connection that breaks may be the first sign of it. */
  async wasKilled(patienceMs: number): Promise<boolean> {
    if (!this.isDoomed) return false;
    await Promise.race([this.instance.ended, delay(patienceMs, undefined, { ref: false })]);
    return !this.instance.isRunning;
  }
}
