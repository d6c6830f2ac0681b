import { Injectable, Logger } from '@nestjs/common';
import { ClaimCalls } from './claim-calls';
import { DispatchSettings } from './dispatch-settings';
import { DispatchSignal } from './dispatch-signal';
import { PlaceAttempt } from './place-attempt';
import type { PreparedAttempt } from './prepare-attempts';

/**
 * Claims and places calls while there are any. Claims of one instance never overlap; the placements of a claim go
 * out together and do not hold up the next claim, which the providers' free slots bound.
 */
@Injectable()
export class QueueDispatcher {
  private readonly logger = new Logger(QueueDispatcher.name);
  private readonly claimedBy = crypto.randomUUID();
  private readonly underWay = new Set<Promise<void>>();
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

  /** Looks for due calls soon; a look that is under way is followed by another one. */
  wake(): void {
    if (this.isStopped) return;
    this.isAwake = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.isAwake) this.wake();
    });
  }

  /** Stops claiming and waits, at most for the shutdown's time, until placements under way are recorded. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
    if (this.underWay.size === 0) return;
    this.logger.log(`Waiting for ${String(this.underWay.size)} placement(s) under way`);
    await Promise.race([Promise.all(this.underWay), after(this.settings.shutdownTimeoutMs)]);
    if (this.underWay.size > 0)
      this.logger.warn(`${String(this.underWay.size)} placement(s) are left to be resolved by another instance`);
  }

  private async run(): Promise<void> {
    try {
      while (this.isAwake && !this.isStopped) {
        this.isAwake = false;
        await this.drain();
      }
    } catch (error) {
      this.isAwake = false;
      this.logger.error('Claiming failed; the schedule tries again', error);
    }
  }

  private async drain(): Promise<void> {
    for (let handled = 1; handled > 0 && !this.isStopped;) {
      const claim = await this.claimCalls.execute(this.settings.batchSize, this.claimedBy);
      handled = claim.handled;
      for (const attempt of claim.attempts) this.place(attempt);
    }
  }

  private place(attempt: PreparedAttempt): void {
    const placement = this.placeAttempt.execute(attempt).finally(() => this.underWay.delete(placement));
    this.underWay.add(placement);
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
