import { Injectable, Logger } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QUEUE } from './audited-queue';
import { QueueControl } from './ports/queue-control.port';

/** Stops claiming everywhere; calls under way finish. */
@Injectable()
export class PauseQueue {
  private readonly logger = new Logger(PauseQueue.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly auditTrail: AuditTrail,
  ) {}

  execute(): Promise<void> {
    return this.unitOfWork.run(async () => {
      const wasPaused = await this.queue.pause();
      const [before, after] = [{ paused: wasPaused }, { paused: true }];
      await this.auditTrail.record({ action: 'queue.pause', subject: QUEUE, before, after });
      this.unitOfWork.afterCommit(() => {
        this.logger.warn('The queue is paused: nothing is dialled until it is resumed', { event: 'queue.paused' });
      });
    });
  }
}
