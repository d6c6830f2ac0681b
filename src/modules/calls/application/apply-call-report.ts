import { Injectable } from '@nestjs/common';
import { Gathering } from '../../../shared/kernel/gathering';
import { storable } from '../../../shared/kernel/storable';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { CallReport } from '../../providers/public/call-provider.port';
import { AdvanceAttempts, type ProviderReport } from './advance-attempts';
import { GROUPS } from './groups';

/**
 * Takes what a vendor tells of a call into the attempt, the call, its history and its usage, in one transaction for all
 * that is told at about the same time. Reports may come before the placement's own answer, twice, late or out of order;
 * the end state is the same.
 */
@Injectable()
export class ApplyCallReport {
  private readonly reports = new Gathering<ProviderReport, boolean>(
    (reports) => this.unitOfWork.apart(() => this.advanceAttempts.execute(reports), GROUPS.patienceMs),
    async (report) => {
      const [isOurs] = await this.unitOfWork.apart(() => this.advanceAttempts.execute([report]));
      return isOurs === true;
    },
    GROUPS.most,
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly advanceAttempts: AdvanceAttempts,
  ) {}

  /** Everything that is told is committed when this resolves. @returns whether it belongs to one of our attempts */
  execute(providerId: string, told: CallReport): Promise<boolean> {
    return this.reports.add({ providerId, report: storable(told) });
  }
}
