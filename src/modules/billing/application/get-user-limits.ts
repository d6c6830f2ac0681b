import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { UserDirectory } from '../../users/public/user-directory.port';
import type { Limits } from '../domain/allowance';
import { NoUserLimits, SubscriberNotFound } from '../domain/billing.errors';
import { UserLimits } from './ports/user-limits.port';

/**
 * Shows what was agreed with a user in place of the enterprise plan's limits.
 * @throws SubscriberNotFound, NoUserLimits
 */
@Injectable()
export class GetUserLimits {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly userLimits: UserLimits,
    private readonly users: UserDirectory,
  ) {}

  execute(userId: string): Promise<Limits> {
    return this.unitOfWork.run(async () => {
      const limits = await this.userLimits.find(userId);
      if (limits) return limits;
      const isKnown = (await this.users.statusOf([userId])).has(userId);
      throw isKnown ? new NoUserLimits() : new SubscriberNotFound();
    });
  }
}
