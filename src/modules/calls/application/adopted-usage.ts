import { Injectable } from '@nestjs/common';
import { UsageLedger } from '../../billing/public/usage-ledger.port';
import type { AdoptableCall, AdoptionPlan } from '../domain/plan-adoption';
import { wholeMinutes } from '../domain/minutes';
import { DispatchSettings } from './dispatch-settings';

/** Reserves for attempts that a restored database has lost, in the surrounding unit of work. */
@Injectable()
export class AdoptedUsage {
  constructor(
    private readonly ledger: UsageLedger,
    private readonly settings: DispatchSettings,
  ) {}

  /**
   * An allowance that has nothing left is not overdrawn: what took place stays free then.
   * @returns the minutes that the attempt may take at most
   */
  async reserve(call: AdoptableCall, attemptId: string, { isReserving }: AdoptionPlan): Promise<number> {
    const { id: callQueueId, userId, maxDurationSeconds } = call;
    const minutes = wholeMinutes(maxDurationSeconds ?? this.settings.defaultMaxCallSeconds);
    if (!isReserving || userId === null) return minutes;
    const [reservation] = await this.ledger.reserve([{ attemptId, callQueueId, userId, minutes }]);
    return reservation?.granted === true ? reservation.minutes : minutes;
  }

  release(attemptId: string): Promise<void> {
    return this.ledger.release([attemptId]);
  }
}
