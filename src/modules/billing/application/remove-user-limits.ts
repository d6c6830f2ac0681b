import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { FollowUserLimits } from './follow-user-limits';
import { GetUserLimits } from './get-user-limits';
import { UserLimits } from './ports/user-limits.port';

/**
 * Takes a user's own limits back: the plan's hold again, also in the month that runs.
 * @throws SubscriberNotFound, NoUserLimits
 */
@Injectable()
export class RemoveUserLimits {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly getUserLimits: GetUserLimits,
    private readonly userLimits: UserLimits,
    private readonly followUserLimits: FollowUserLimits,
  ) {}

  execute(userId: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      await this.getUserLimits.execute(userId);
      const before = await this.userLimits.remove(userId);
      if (before) await this.followUserLimits.execute(userId, before, null);
    });
  }
}
