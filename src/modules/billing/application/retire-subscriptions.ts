import { Injectable } from '@nestjs/common';
import { retireSubscriptions } from '../domain/retire-subscriptions';
import { CarryOutDecision } from './carry-out-decision';
import type { Moment } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';

/** Subscriptions whose payment side is gone. */
export interface GoneSubscriptions {
  readonly userId: string;
  /** By the payment side's id. */
  readonly isGone: (paymentId: string) => boolean;
  readonly askedAt: Moment;
}

/** Ends what a user had at a payment side that is gone, in the surrounding unit of work; a noted page goes with it. */
@Injectable()
export class RetireSubscriptions {
  constructor(
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly carryOutDecision: CarryOutDecision,
  ) {}

  /** @returns whether there was anything to end */
  async execute({ userId, isGone, askedAt }: GoneSubscriptions): Promise<boolean> {
    const recorded = await this.paidSubscriptions.of(userId);
    const unpaidSince = await this.paidSubscriptions.unpaidSince(userId);
    const decision = retireSubscriptions(
      recorded.filter(({ paymentId }) => isGone(paymentId)),
      unpaidSince,
    );
    await this.carryOutDecision.execute(userId, decision, askedAt);
    return decision.isNews;
  }
}
