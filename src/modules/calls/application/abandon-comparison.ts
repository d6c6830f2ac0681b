import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QUEUE } from './audited-queue';
import { Restorations } from './ports/restorations.port';

/** Lets a restored database go on without the rest of its comparison: whoever decides that may have people rung twice. */
@Injectable()
export class AbandonComparison {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly restorations: Restorations,
    private readonly auditTrail: AuditTrail,
  ) {}

  /** @returns false when the database is not marked as restored */
  execute(): Promise<boolean> {
    return this.unitOfWork.run(async () => {
      if (!(await this.restorations.abandon())) return false;
      const after = { comparisonAbandoned: true };
      await this.auditTrail.record({ action: 'queue.abandon_comparison', subject: QUEUE, before: null, after });
      return true;
    });
  }
}
