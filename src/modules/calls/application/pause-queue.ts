import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QueueControl } from './ports/queue-control.port';

/** Stops claiming everywhere; calls under way finish. */
@Injectable()
export class PauseQueue {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: QueueControl,
    private readonly auditTrail: AuditTrail,
  ) {}

  execute(): Promise<void> {
    return this.unitOfWork.run(async () => {
      const wasPaused = await this.queue.pause();
      const subject = { kind: 'queue', id: null };
      const [before, after] = [{ paused: wasPaused }, { paused: true }];
      await this.auditTrail.record({ action: 'queue.pause', subject, before, after });
    });
  }
}
