import { Injectable } from '@nestjs/common';
import { NoSubscription, SubscriptionMadeByHand } from '../domain/billing.errors';
import { isFree } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { CancelPaidPlan } from './cancel-paid-plan';
import { ChangeSubscriptions } from './change-subscriptions';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Ends a user's subscription: a free one at once, a paid one when its period ends. Nothing follows it.
 * @throws NoSubscription, SubscriptionMadeByHand, ChangeInProgress, PaymentsUnavailable
 */
@Injectable()
export class CancelSubscription {
  constructor(
    private readonly changeSubscriptions: ChangeSubscriptions,
    private readonly subscriptions: Subscriptions,
    private readonly cancelPaidPlan: CancelPaidPlan,
  ) {}

  async execute(userId: string): Promise<Subscription> {
    const live = await this.endFree(userId);
    if (isFree(live.plan)) return { ...live, status: 'canceled' };
    if (live.paymentId === null) throw new SubscriptionMadeByHand();
    return this.cancelPaidPlan.execute(userId, live.paymentId);
  }

  /** @returns what was live */
  private endFree(userId: string): Promise<Subscription> {
    return this.changeSubscriptions.execute(userId, async (live) => {
      if (!live) throw new NoSubscription();
      if (isFree(live.plan)) await this.subscriptions.end(live.id);
      return live;
    });
  }
}
