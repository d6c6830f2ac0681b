import { Injectable } from '@nestjs/common';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import { UserDirectory } from '../../users/public/user-directory.port';
import { Allowance } from '../domain/allowance';
import { UserInactive } from '../domain/calls.errors';
import { CallRequests } from './ports/call-requests.port';

/** Whether a user may queue calls, and how many. */
@Injectable()
export class UserStanding {
  constructor(
    private readonly users: UserDirectory,
    private readonly ledger: UsageLedger,
    private readonly requests: CallRequests,
  ) {}

  /** @throws UserInactive */
  async requireActive(userId: string): Promise<void> {
    const statuses = await this.users.statusOf([userId]);
    if (statuses.get(userId) !== 'active') throw new UserInactive();
  }

  /**
   * The calls that remain in the period, less those that wait and are due before its end; and how many more may wait
   * at all. The ledger is asked first:
   * a call that is claimed in between is then counted nowhere, which admits one too many for the dispatcher to refuse,
   * and never refuses a call that the plan grants.
   */
  async allowance(userId: string): Promise<Allowance> {
    const { calls, periodEnd, queuedLimit } = await this.ledger.callsLeft(userId);
    const queued = await this.requests.countQueued(userId, periodEnd);
    return new Allowance({ calls: less(calls, queued.due), periodEnd, room: less(queuedLimit, queued.all) });
  }
}

/** Null = unlimited. */
function less(limit: number | null, taken: number): number | null {
  return limit === null ? null : limit - taken;
}
