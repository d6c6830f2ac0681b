import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { isTerminal } from '../domain/call-status';
import { CallGivenUp } from '../public/call-given-up.event';
import { DispatchSettings } from './dispatch-settings';
import { CallOver, CallStep } from './observed-facts';
import { Attempts } from './ports/attempts.port';
import type { CallChange } from './ports/attempts.port';

/**
 * Applies the policy to a placement that nobody could prove: its reservation goes back, and its call fails, or with
 * the policy `redial` returns to the queue, which may ring the recipient a second time. Proof that arrives later
 * corrects it.
 */
@Injectable()
export class GiveUpPlacement {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly attempts: Attempts,
    private readonly events: DomainEvents,
    private readonly settings: DispatchSettings,
  ) {}

  execute(attemptId: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      const attempt = await this.attempts.lock(attemptId);
      if (attempt?.state !== 'unknown') return;
      const change = this.changeOf(attempt.call.isCancelRequested);
      await this.attempts.change(
        [{ id: attemptId, state: 'ended', isSettled: true }],
        [{ id: attempt.callQueueId, ...change }],
      );
      const over = isTerminal(change.status)
        ? [new CallOver(change.status, change.failure?.code ?? change.status)]
        : [];
      const { callQueueId, providerId } = attempt;
      const code = change.failure ? { code: change.failure.code } : {};
      const details = { attemptId, providerId, callStatus: change.status, ...code };
      const step = new CallStep('attempt.given_up', callQueueId, details);
      await this.events.publish(new CallGivenUp(attemptId), ...over, step);
    });
  }

  private changeOf(isCancelRequested: boolean): Omit<CallChange, 'id'> {
    if (isCancelRequested) return { status: 'canceled' };
    if (this.settings.unknownPlacementPolicy === 'redial') return { status: 'queued' };
    return { status: 'failed', failure: PLACEMENT_UNKNOWN };
  }
}

const PLACEMENT_UNKNOWN = {
  code: 'placement_unknown',
  detail: 'The provider never confirmed or denied this call. It may have taken place; retry it if it did not.',
} as const;
