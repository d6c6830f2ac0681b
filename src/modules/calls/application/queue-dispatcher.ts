import { Injectable, Logger } from '@nestjs/common';
import { atMost } from '../../../shared/kernel/at-most';
import { inStory, within } from '../../../shared/observability/story';
import { ClaimCalls, type ClaimedAttempt } from './claim-calls';
import { DispatchSettings } from './dispatch-settings';
import { DispatchSignal } from './dispatch-signal';
import { PlaceAttempt } from './place-attempt';

/**
 * Claims and places calls while there are any. Claims of one instance never overlap; the placements of a claim go
 * out together and do not hold up the next claim, which the providers' free slots bound.
 */
@Injectable()
export class QueueDispatcher {
  private readonly logger = new Logger(QueueDispatcher.name);
  private readonly claimedBy = crypto.randomUUID();
  /** Placements by the id of their attempt. */
  private readonly underWay = new Map<string, Promise<void>>();
  /** Whether a claim may have committed although its answer was lost. */
  private mayHaveLostClaim = false;
  /** When the last claim was over; by a clock that never jumps. */
  private claimedAtMs = performance.now();
  private isAwake = false;
  private isStopped = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly claimCalls: ClaimCalls,
    private readonly placeAttempt: PlaceAttempt,
    private readonly settings: DispatchSettings,
    signal: DispatchSignal,
  ) {
    signal.listen(() => {
      this.wake();
    });
  }

  /** How long ago a claim was last over, whether or not it found anything. */
  get ageMs(): number {
    return performance.now() - this.claimedAtMs;
  }

  /** Looks for due calls soon; a look that is under way is followed by another one. */
  wake(): void {
    if (this.isStopped) return;
    this.isAwake = true;
    // Whoever wakes it has a story of its own, which ends before this does.
    this.running ??= inStory(undefined, () => this.run()).finally(() => {
      this.running = undefined;
      if (this.isAwake) this.wake();
    });
  }

  /** Claims nothing more, and waits at most for the shutdown's time until placements under way are recorded. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await atMost(this.settings.shutdownTimeoutMs, this.finish());
    if (this.underWay.size > 0)
      this.logger.warn(`${String(this.underWay.size)} placement(s) are left to be resolved by another instance`);
  }

  /** A claim under way adds to what is to be placed. */
  private async finish(): Promise<void> {
    await this.running;
    if (this.underWay.size === 0) return;
    this.logger.log(`Waiting for ${String(this.underWay.size)} placement(s) under way`);
    await Promise.all(this.underWay.values());
  }

  private async run(): Promise<void> {
    try {
      while (this.isAwake && !this.isStopped) {
        this.isAwake = false;
        await this.drain();
      }
    } catch (error) {
      this.isAwake = false;
      this.logger.warn('Claiming failed; the schedule tries again', error);
    }
  }

  private async drain(): Promise<void> {
    if (this.mayHaveLostClaim) await this.placeAttempt.releaseLost(this.claimedBy, [...this.underWay.keys()]);
    for (let hasMore = true; hasMore && !this.isStopped;) hasMore = await within('claim', {}, () => this.claim());
  }

  /** What it takes is placed as a part of its story, which the placements outlive. @returns whether there may be more */
  private async claim(): Promise<boolean> {
    this.mayHaveLostClaim = true;
    const claim = await this.claimCalls.execute(this.settings.batchSize, this.claimedBy);
    this.mayHaveLostClaim = false;
    this.claimedAtMs = performance.now();
    for (const attempt of claim.attempts) this.place(attempt);
    return claim.hasMore;
  }

  private place(attempt: ClaimedAttempt): void {
    this.underWay.set(
      attempt.id,
      this.placeAttempt.execute(attempt).finally(() => this.underWay.delete(attempt.id)),
    );
  }
}
