import { Injectable, Logger } from '@nestjs/common';
import { type Settlement, UsageLedger } from '../../billing/public/usage-ledger.port';
import type { CallEnded } from '../public/call-ended.event';
import type { CallMeasured } from '../public/call-measured.event';

/** Settles or releases what an attempt reserved, in the transaction of the event. */
@Injectable()
export class SettleUsage {
  private readonly logger = new Logger(SettleUsage.name);

  constructor(private readonly ledger: UsageLedger) {}

  released({ attemptId }: { readonly attemptId: string }): Promise<void> {
    return this.ledger.release(attemptId);
  }

  async ended({ attemptId, usage }: CallEnded): Promise<void> {
    if (usage.kind === 'nothing') await this.ledger.release(attemptId);
    if (usage.kind === 'one-call') await this.charge(attemptId, usage.minutes);
  }

  measured({ attemptId, minutes }: CallMeasured): Promise<void> {
    return this.charge(attemptId, minutes);
  }

  /** A call that was proven only after its reservation had been given back has nothing to settle: it is charged late. */
  private async charge(attemptId: string, minutes: number): Promise<void> {
    const settlement = await this.ledger.settle(attemptId, minutes);
    this.report(attemptId, settlement.isFirst ? settlement : await this.ledger.chargeLate(attemptId, minutes));
  }

  private report(attemptId: string, { overrunMinutes }: Settlement): void {
    if (overrunMinutes === 0) return;
    this.logger.warn(
      `Attempt ${attemptId} overran its reservation by ${String(overrunMinutes)} minute(s), which are not charged: check the vendor's maximum duration`,
    );
  }
}
