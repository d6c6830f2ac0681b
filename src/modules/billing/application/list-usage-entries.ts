import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../../../shared/kernel/page';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { type UsageEntry, UsageReports } from './ports/usage-reports.port';

/** Shows a user the own ledger, newest first, with or without a subscription now. */
@Injectable()
export class ListUsageEntries {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reports: UsageReports,
  ) {}

  execute(user: UserClaims, request: PageRequest): Promise<Page<UsageEntry>> {
    return this.unitOfWork.asUser(user, () => this.reports.entries(user.sub, request));
  }
}
