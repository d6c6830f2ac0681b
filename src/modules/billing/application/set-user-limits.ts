import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { Limits } from '../domain/allowance';
import { FollowUserLimits } from './follow-user-limits';
import { UserLimits } from './ports/user-limits.port';

/**
 * Agrees on a user's own limits, per month. They hold while the plan that grants is enterprise, and count at once:
 * also in the month that runs.
 * @throws SubscriberNotFound
 */
@Injectable()
export class SetUserLimits {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly userLimits: UserLimits,
    private readonly followUserLimits: FollowUserLimits,
  ) {}

  execute(userId: string, limits: Limits): Promise<void> {
    return this.unitOfWork.run(async () => {
      const before = await this.userLimits.set(userId, limits);
      await this.followUserLimits.execute(userId, before, limits);
    });
  }
}
