import { Injectable, Logger } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { type Charge, type Settlement, UsageLedger } from '../../billing/public/usage-ledger.port';
import type { CallEnded } from '../public/call-ended.event';
import type { CallMeasured } from '../public/call-measured.event';
import { MinutesCharged } from './observed-facts';

/** Settles or releases what attempts reserved, in the transaction of the events. */
@Injectable()
export class SettleUsage {
  private readonly logger = new Logger(SettleUsage.name);

  constructor(
    private readonly ledger: UsageLedger,
    private readonly events: DomainEvents,
  ) {}

  released(events: readonly { readonly attemptId: string }[]): Promise<void> {
    return this.ledger.release(events.map(({ attemptId }) => attemptId));
  }

  async ended(events: readonly CallEnded[]): Promise<void> {
    await this.released(events.filter(({ usage }) => usage.kind === 'nothing'));
    await this.charge(
      events.flatMap(({ attemptId, usage }) =>
        usage.kind === 'one-call' ? [{ attemptId, minutes: usage.minutes }] : [],
      ),
    );
  }

  measured(events: readonly CallMeasured[]): Promise<void> {
    return this.charge(events);
  }

  /** A call that was proven only after its reservation had been given back has nothing to settle: it is charged late. */
  private async charge(charges: readonly Charge[]): Promise<void> {
    const settlements = await this.ledger.settle(charges);
    const late = charges.filter((_, index) => settlements[index]?.isFirst !== true);
    await this.report(charges, settlements);
    if (late.length > 0) await this.report(late, await this.ledger.chargeLate(late));
  }

  private async report(charges: readonly Charge[], settlements: readonly Settlement[]): Promise<void> {
    for (const [index, { attemptId }] of charges.entries()) {
      const overrunMinutes = settlements[index]?.overrunMinutes ?? 0;
      if (overrunMinutes === 0) continue;
      this.logger.warn(
        `Attempt ${attemptId} overran its reservation by ${String(overrunMinutes)} minute(s), which are not charged: check the vendor's maximum duration`,
      );
    }
    const first = settlements.filter(({ isFirst }) => isFirst);
    await this.events.publish(
      ...first.map(({ chargedMinutes, overrunMinutes }) => new MinutesCharged(chargedMinutes, overrunMinutes)),
    );
  }
}
