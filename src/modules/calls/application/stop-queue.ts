import { Injectable, Logger } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QUEUE } from './audited-queue';
import { QueueControl } from './ports/queue-control.port';
import { RepeatHangUps } from './repeat-hang-ups';

/** The emergency stop: from its commit on nothing new is dialled, and live calls are hung up if that is asked for. */
@Injectable()
export class StopQueue {
  private readonly logger = new Logger(StopQueue.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly auditTrail: AuditTrail,
    private readonly repeatHangUps: RepeatHangUps,
  ) {}

  /** @returns how many calls are still to be hung up, by this stop or an earlier one; some of them may not be live */
  execute(hangUp: boolean): Promise<number> {
    return this.unitOfWork.run(async () => {
      const { wasPaused, hangingUp } = await this.queue.stop(hangUp);
      const [before, after] = [{ paused: wasPaused }, { paused: true, hangUp, hangingUp }];
      await this.auditTrail.record({ action: 'queue.stop', subject: QUEUE, before, after });
      this.unitOfWork.afterCommit(() => {
        this.tell(hangUp);
      });
      if (hangUp) this.unitOfWork.afterCommit(() => void this.hangUp());
      return hangingUp;
    });
  }

  private tell(hangUp: boolean): void {
    const calls = hangUp ? 'calls under way are hung up' : 'calls under way go on';
    this.logger.warn(`The queue is stopped: nothing is dialled until it is resumed, and ${calls}`, {
      event: 'queue.stopped',
    });
  }

  /** What it does not come to, the next round of any instance does. */
  private async hangUp(): Promise<void> {
    try {
      await this.repeatHangUps.execute();
    } catch (error) {
      this.logger.warn('Not every call could be hung up; the next round goes on', error);
    }
  }
}
