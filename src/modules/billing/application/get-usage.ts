import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { NoSubscription } from '../domain/billing.errors';
import type { Allowance } from '../domain/allowance';
import { UsageReports } from './ports/usage-reports.port';

/**
 * Shows a user what the current period's allowance has left.
 * @throws NoSubscription
 */
@Injectable()
export class GetUsage {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reports: UsageReports,
  ) {}

  async execute(user: UserClaims): Promise<Allowance> {
    const allowance = await this.unitOfWork.asUser(user, () => this.reports.currentAllowance(user.sub));
    if (!allowance) throw new NoSubscription();
    return allowance;
  }
}
