import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { CallPlaced } from '../public/call-placed.event';
import { DispatchSignal } from './dispatch-signal';
import { HangUpCall } from './hang-up-call';

/** What happens once a change of a call has committed: a free slot, or a queued call that was
 * locked, wakes the dispatcher; a kept wish is carried out. */
@Injectable()
export class FollowUpCall {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly signal: DispatchSignal,
    private readonly hangUpCall: HangUpCall,
  ) {}

  placed(events: readonly CallPlaced[]): Promise<void> {
    for (const { attempt, isUnwanted } of events)
      if (isUnwanted) this.unitOfWork.afterCommit(() => void this.hangUpCall.execute(attempt.callQueueId));
    return Promise.resolve();
  }

  mayDispatch(): Promise<void> {
    this.unitOfWork.afterCommit(() => {
      this.signal.wake();
    });
    return Promise.resolve();
  }
}
