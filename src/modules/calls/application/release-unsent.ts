import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { CallRefused } from '../public/call-refused.event';
import { CallOver, CallStep } from './observed-facts';
import { Attempts } from './ports/attempts.port';

/**
 * Puts calls back whose attempts this process knows it never sent: the answer to a claim's commit was lost; the process was
 * held up for so long that sending had become unsafe; the queue was stopped after the claim, or the database was away and
 * could not tell. It says nothing about the provider.
 */
@Injectable()
export class ReleaseUnsent {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
  ) {}

  /** Releases one attempt; one that others have already given up or closed stays as it is. */
  execute(attemptId: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const attempt = await this.attempts.lock(attemptId);
      if (attempt?.state !== 'placing' && attempt?.state !== 'unknown') return;
      const refusalDetail = 'nothing was sent to the vendor';
      const status = attempt.call.isCancelRequested ? 'canceled' : 'queued';
      await this.attempts.change(
        [{ id: attemptId, state: 'refused', refusalDetail, isSettled: true }],
        [{ id: attempt.callQueueId, status }],
      );
      const over = status === 'canceled' ? [new CallOver(status, status)] : [];
      const { callQueueId, providerId } = attempt;
      const step = new CallStep('attempt.unsent', callQueueId, { attemptId, providerId, callStatus: status });
      await this.events.publish(new CallRefused(attemptId, 'unreachable'), ...over, step);
    });
  }

  /** Releases what this instance has claimed, but neither has under way nor sent. */
  async lostClaims(claimedBy: string, underWay: readonly string[]): Promise<void> {
    const placing = await this.unitOfWork.run(() => this.attempts.placingOf(claimedBy));
    for (const attemptId of placing) if (!underWay.includes(attemptId)) await this.execute(attemptId);
  }
}
