import { Injectable } from '@nestjs/common';
import { type CallsLeft, UsageLedger } from '../../billing/public/usage-ledger.port';
import { UserDirectory } from '../../users/public/user-directory.port';
import { Allowance } from '../domain/allowance';
import { CallRequests, type QueuedCalls } from './ports/call-requests.port';

/** Whether a user may queue calls, and how many. */
export interface Standing {
  readonly isActive: boolean;
  readonly allowance: Allowance;
}

/** Finds out how users stand. */
@Injectable()
export class UserStanding {
  constructor(
    private readonly users: UserDirectory,
    private readonly ledger: UsageLedger,
    private readonly requests: CallRequests,
  ) {}

  /**
   * The allowance is what remains of the period's calls, less those that wait and are due before its end; and how many
   * more may wait at all.
   */
  async of(userId: string): Promise<Standing> {
    const [isActive, left, queued] = await Promise.all([
      this.users.isActive(userId),
      this.ledger.callsLeft(userId),
      this.requests.queuedOf(userId),
    ]);
    const calls = left.calls === null ? null : left.calls - (await this.countDue(userId, left, queued));
    const room = left.queuedLimit === null ? null : left.queuedLimit - queued.count;
    return { isActive, allowance: new Allowance({ calls, periodEnd: left.periodEnd, room }) };
  }

  /**
   * Those that are due in the period: all, as long as none is due later. Where some are, they are counted after the
   * ledger was asked: a call that is claimed in between is then counted nowhere, which admits one too many for the
   * dispatcher to refuse, and never refuses a call that the plan grants.
   */
  private async countDue(userId: string, { periodEnd }: CallsLeft, queued: QueuedCalls): Promise<number> {
    if (periodEnd === null || queued.lastDueAt === null || queued.lastDueAt < periodEnd) return queued.count;
    return this.requests.countDueBefore(userId, periodEnd);
  }
}
