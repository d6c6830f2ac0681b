import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { type Charge, type Settlement, UsageLedger } from '../../billing/public/usage-ledger.port';
import type { AttemptIds } from '../public/attempt-ids';
import type { CallEnded } from '../public/call-ended.event';
import type { CallMeasured } from '../public/call-measured.event';
import { MinutesCharged } from './observed-facts';

/** Settles or releases what attempts reserved, in the transaction of the events. */
@Injectable()
export class SettleUsage {
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
      events.flatMap(({ attempt, attemptId, usage }) =>
        usage.kind === 'one-call' ? [{ attempt, attemptId, minutes: usage.minutes }] : [],
      ),
    );
  }

  measured(events: readonly CallMeasured[]): Promise<void> {
    return this.charge(events);
  }

  /** A call that was proven only after its reservation had been given back has nothing to settle: it is charged late. */
  private async charge(charges: readonly AttemptCharge[]): Promise<void> {
    const settlements = await this.ledger.settle(charges);
    const late = charges.filter((_, index) => settlements[index]?.isFirst !== true);
    await this.tell(charges, settlements);
    if (late.length > 0) await this.tell(late, await this.ledger.chargeLate(late));
  }

  private async tell(charges: readonly AttemptCharge[], settlements: readonly Settlement[]): Promise<void> {
    const charged = charges.flatMap(({ attempt }, index) => {
      const settlement = settlements[index];
      if (settlement?.isFirst !== true) return [];
      return [new MinutesCharged(attempt, settlement.chargedMinutes, settlement.overrunMinutes)];
    });
    await this.events.publish(...charged);
  }
}

type AttemptCharge = Charge & { readonly attempt: AttemptIds };
