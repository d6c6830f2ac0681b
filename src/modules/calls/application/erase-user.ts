import { Injectable } from '@nestjs/common';
import { AuditTrail } from '../../../shared/kernel/audit-trail.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { CallsUnderWay } from '../domain/calls.errors';
import { EndCallsOfUser } from './end-calls-of-user';
import { ForgetUser } from './forget-user';

/**
 * Erases what is known of a user, all of it in one transaction. Calls end first, in a transaction of their own: while one
 * is under way, its number is still needed to look for it, and its vendor has yet to say how it went.
 */
@Injectable()
export class EraseUser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly endCalls: EndCallsOfUser,
    private readonly forgetUser: ForgetUser,
    private readonly auditTrail: AuditTrail,
  ) {}

  /**
   * May be repeated, also for somebody who is erased already.
   * @throws CallsUnderWay while calls are still being ended: nothing is erased yet, and nothing new goes out
   */
  async execute(userId: string): Promise<void> {
    await this.endCalls.execute(userId);
    await this.forgetUser.endSales(userId);
    const afterwards = await this.unitOfWork.run(async () => {
      await this.forgetUser.hold(userId);
      const underWay = await this.endCalls.execute(userId);
      if (underWay > 0) throw new CallsUnderWay(underWay);
      const subject = { kind: 'user', id: userId };
      await this.auditTrail.record({ action: 'user.erase', subject, before: null, after: null });
      return this.forgetUser.execute(userId);
    });
    await afterwards();
  }
}
