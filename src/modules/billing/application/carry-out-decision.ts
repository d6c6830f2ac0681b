import { Injectable } from '@nestjs/common';
import type { Decision } from '../domain/decide-subscriptions';
import { ChangeSubscriptions } from './change-subscriptions';
import { Checkouts } from './ports/checkouts.port';
import type { Moment } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { StartFreePlan } from './start-free-plan';

/** Writes what was decided about a user's subscriptions. A page where something was bought has had its day. */
@Injectable()
export class CarryOutDecision {
  constructor(
    private readonly changeSubscriptions: ChangeSubscriptions,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly startFreePlan: StartFreePlan,
    private readonly checkouts: Checkouts,
  ) {}

  execute(userId: string, { free, records }: Decision, askedAt: Moment): Promise<void> {
    return this.changeSubscriptions.execute(userId, async (live) => {
      if (free === 'ends') await this.paidSubscriptions.endUnpaid(userId);
      await this.paidSubscriptions.record(userId, records, askedAt);
      if (free === 'starts') await this.startFreePlan.execute(userId, live);
      await this.checkouts.forget(userId);
    });
  }
}
