import { Injectable } from '@nestjs/common';
import { NoSubscription, PaymentObjectMissing, SubscriptionMadeByHand } from '../domain/billing.errors';
import { isFree } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { ChangeSubscriptions } from './change-subscriptions';
import { PaymentGateway } from './ports/payment-gateway.port';
import { Subscriptions } from './ports/subscriptions.port';
import { SyncUser } from './sync-user';

/**
 * Ends a user's subscription: a free one at once, a paid one when its period ends. Nothing follows it.
 * @throws NoSubscription, SubscriptionMadeByHand, PaymentsUnavailable
 */
@Injectable()
export class CancelSubscription {
  constructor(
    private readonly changeSubscriptions: ChangeSubscriptions,
    private readonly subscriptions: Subscriptions,
    private readonly payments: PaymentGateway,
    private readonly syncUser: SyncUser,
  ) {}

  async execute(userId: string): Promise<Subscription> {
    const live = await this.endFree(userId);
    if (isFree(live.plan)) return { ...live, status: 'canceled' };
    if (live.paymentId === null) throw new SubscriptionMadeByHand();
    await this.cancelAtPeriodEnd(userId, live.paymentId);
    const canceled = await this.syncUser.execute(userId);
    if (!canceled) throw new NoSubscription();
    return canceled;
  }

  /** What the payment side no longer has is gone from ours, too, when the user tries again. */
  private async cancelAtPeriodEnd(userId: string, paymentId: string): Promise<void> {
    try {
      await this.payments.cancelAtPeriodEnd(crypto.randomUUID(), paymentId, false);
    } catch (error) {
      if (error instanceof PaymentObjectMissing) await this.syncUser.execute(userId);
      throw error;
    }
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
