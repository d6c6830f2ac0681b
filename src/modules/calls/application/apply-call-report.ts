import { Injectable } from '@nestjs/common';
import { storable } from '../../../shared/kernel/storable';
import type { CallReport } from '../../providers/public/call-provider.port';
import { TakeNews } from './take-news';

/**
 * Takes what a vendor tells of a call into the attempt, the call, its history and its usage. Reports may come before
 * the placement's own answer, twice, late or out of order; the end state is the same.
 */
@Injectable()
export class ApplyCallReport {
  constructor(private readonly takeNews: TakeNews) {}

  /** Everything that is told is committed when this resolves. @returns whether it belongs to one of our attempts */
  execute(providerId: string, told: CallReport): Promise<boolean> {
    return this.takeNews.execute({ kind: 'report', providerId, report: storable(told) });
  }
}
