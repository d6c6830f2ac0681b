import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { QUEUE } from './audited-queue';
import { Restorations } from './ports/restorations.port';

/** Marks the database as put back to a backup: nothing goes out until it is compared with the vendors. */
@Injectable()
export class MarkRestored {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly restorations: Restorations,
    private readonly auditTrail: AuditTrail,
  ) {}

  /**
   * @param since when the backup was made, if the database's newest record may be later
   * @returns the moment back to which the vendors are compared
   */
  async execute(since: Date | undefined): Promise<Date> {
    const moment = await this.unitOfWork.run(async () => {
      const comparedSince = await this.restorations.mark(since);
      const after = { paused: true, comparedSince: comparedSince.toISOString() };
      await this.auditTrail.record({ action: 'queue.restored', subject: QUEUE, before: null, after });
      return comparedSince;
    });
    // The mark says what a changed identity would only suggest.
    await this.restorations.noticeIdentity();
    return moment;
  }
}
