import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Call } from '../domain/call';
import { isTerminal } from '../domain/call-status';
import { CallNotCancelable, CallNotFound } from '../domain/calls.errors';
import { HangUpCall } from './hang-up-call';
import { CallOver, CallStep } from './observed-facts';
import { CallRequests } from './ports/call-requests.port';

/** `isDone` is false while the provider has yet to hang up. */
export interface Cancellation {
  readonly call: Call;
  readonly isDone: boolean;
}

/** Ends a call that waits, or keeps the wish to end one in progress and asks its provider to hang up. */
@Injectable()
export class CancelCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: CallRequests,
    private readonly hangUpCall: HangUpCall,
    private readonly events: DomainEvents,
  ) {}

  /**
   * The row's lock decides between a cancellation and a claim that happen at once.
   * @throws CallNotFound, CallNotCancelable
   */
  execute(claims: UserClaims, callQueueId: string): Promise<Cancellation> {
    return this.unitOfWork.run(async () => {
      const status = await this.requests.lock(claims.sub, callQueueId);
      if (status === undefined) throw new CallNotFound();
      if (isTerminal(status)) throw new CallNotCancelable();
      const isDone = status === 'queued';
      if (isDone) await this.cancel(callQueueId);
      else await this.askToHangUp(callQueueId);
      const call = await this.unitOfWork.asUser(claims, () => this.requests.find(claims.sub, callQueueId));
      if (!call) throw new CallNotFound();
      return { call, isDone };
    });
  }

  private async cancel(callQueueId: string): Promise<void> {
    await this.requests.cancel(callQueueId);
    await this.events.publish(new CallOver('canceled', 'canceled'), new CallStep('call.canceled', callQueueId));
  }

  private async askToHangUp(callQueueId: string): Promise<void> {
    await this.requests.requestCancel(callQueueId);
    await this.events.publish(new CallStep('call.cancel_requested', callQueueId));
    this.unitOfWork.afterCommit(() => void this.hangUpCall.execute(callQueueId));
  }
}
