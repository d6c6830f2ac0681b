import { Injectable, Logger } from '@nestjs/common';
import { DialControl } from './ports/dial-control.port';

/** Nothing is sent on knowledge that is older than this, in milliseconds: what a stop takes at most, heard of or not. */
const TRUSTED_MS = 800;
/** Knowledge older than this is renewed beside the work that still relies on it. */
const RENEWED_MS = 250;

/**
 * Whether a placement may still be sent. A claim has looked before it committed, but the time until the request leaves is
 * bounded by nothing: a connection is being opened, a process is held up. So whoever is about to send asks again.
 *
 * That the queue runs is believed for a moment, counted from before the database was asked, so that it is asked a few
 * times a second however much is sent. That it is stopped is never remembered. A notification ends the belief at once; an
 * instance that hears none stops within `TRUSTED_MS` all the same. Without the database nothing is sent.
 */
@Injectable()
export class DialPermission {
  private readonly logger = new Logger(DialPermission.name);
  /** When a look began that found the queue running; by a clock that never jumps. */
  private runningAt = -Infinity;
  private isStopped = false;
  /** No earlier than the queue went on after the last stop that hangs up; by this process's time of day. */
  private resumedAtMs = -Infinity;
  private isCutOff = false;
  /** The look that is under way, unless something may have changed since it began. */
  private looking: Promise<void> | undefined;
  private changes = 0;

  constructor(private readonly control: DialControl) {}

  /**
   * Never rejects. The answer is good for the moment at which it is given.
   * @param preparedAtMs when the attempt was prepared, in milliseconds of the epoch: one from before a stop that hangs up
   * would be hung up although the queue goes on, so it goes back to its place instead
   * @param isInTime whether whoever asks still waits for the answer: where the database is so slow that no answer counts,
   * nobody asks on for an attempt that will not be sent any more
   */
  async isGiven(preparedAtMs: number, isInTime: () => boolean): Promise<boolean> {
    try {
      while (this.age > TRUSTED_MS) {
        if (!isInTime()) return false;
        await this.look();
        if (this.isStopped) return false;
      }
    } catch (error) {
      this.tellCutOff(error);
      return false;
    }
    if (this.age > RENEWED_MS) this.look().catch(() => undefined);
    return preparedAtMs > this.resumedAtMs;
  }

  /** Something about the queue may have changed: what is known, and what is being asked, does not count any more. */
  forget(): void {
    this.changes += 1;
    this.looking = undefined;
    this.isStopped = false;
    this.runningAt = -Infinity;
  }

  private get age(): number {
    return performance.now() - this.runningAt;
  }

  private look(): Promise<void> {
    this.looking ??= this.ask();
    return this.looking;
  }

  private async ask(): Promise<void> {
    const { changes } = this;
    const begunAt = performance.now();
    try {
      const { isStopped, resumedAgoMs } = await this.control.look();
      this.tellBack();
      if (changes !== this.changes) return;
      this.isStopped = isStopped;
      this.runningAt = isStopped ? -Infinity : begunAt;
      this.resumedAtMs = resumedAgoMs === null ? -Infinity : Date.now() - resumedAgoMs;
    } finally {
      if (changes === this.changes) this.looking = undefined;
    }
  }

  /** Once for each time that the database is away: every attempt that is held back meanwhile would say the same. */
  private tellCutOff(error: unknown): void {
    if (this.isCutOff) this.logger.debug('Nothing is sent still: the database is away');
    else this.logger.warn('Nothing is sent: it cannot be told whether the queue is stopped', error);
    this.isCutOff = true;
  }

  private tellBack(): void {
    if (this.isCutOff) this.logger.log('It can be told again whether the queue is stopped: placements are sent');
    this.isCutOff = false;
  }
}
