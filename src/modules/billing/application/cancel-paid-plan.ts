import { Injectable } from '@nestjs/common';
import { NoSubscription, PaymentObjectMissing } from '../domain/billing.errors';
import type { Subscription } from '../domain/subscription';
import { OneChangeAtATime } from './one-change-at-a-time';
import { PaymentGateway } from './ports/payment-gateway.port';
import { SyncUser } from './sync-user';

/** Ends a user's paid subscription when its period ends. Nothing follows it. */
@Injectable()
export class CancelPaidPlan {
  constructor(
    private readonly oneChangeAtATime: OneChangeAtATime,
    private readonly payments: PaymentGateway,
    private readonly syncUser: SyncUser,
  ) {}

  /**
   * @returns the subscription as it is then
   * @throws ChangeInProgress, NoSubscription, PaymentsUnavailable
   */
  async execute(userId: string, paymentId: string): Promise<Subscription> {
    await this.oneChangeAtATime.run(userId, async (running) => {
      await this.cancelAtPeriodEnd(userId, paymentId);
      await running.forget();
    });
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
}
