import { Injectable, Logger } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QUEUE } from './audited-queue';
import { RestoreNotCompared } from '../domain/calls.errors';
import { QueueControl } from './ports/queue-control.port';

/** Lets dispatchers claim again. */
@Injectable()
export class ResumeQueue {
  private readonly logger = new Logger(ResumeQueue.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly auditTrail: AuditTrail,
  ) {}

  /** @throws RestoreNotCompared while the database, restored from a backup, is not compared with every vendor */
  execute(): Promise<void> {
    return this.unitOfWork.run(async () => {
      const pending = await this.queue.pendingComparisons();
      if (pending.length > 0) throw new RestoreNotCompared(pending);
      const wasPaused = await this.queue.resume();
      const [before, after] = [{ paused: wasPaused }, { paused: false }];
      await this.auditTrail.record({ action: 'queue.resume', subject: QUEUE, before, after });
      this.unitOfWork.afterCommit(() => {
        this.logger.log('The queue goes on', { event: 'queue.resumed' });
      });
    });
  }
}
