import { Injectable } from '@nestjs/common';
import {
  NoSubscription,
  PaymentObjectMissing,
  PaymentRequired,
  PlanNotOnSale,
  PriceReplaced,
  SubscriptionMadeByHand,
} from '../domain/billing.errors';
import { changeTo, type PlanChange } from '../domain/change-plan';
import type { Plan } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { PaymentGateway } from './ports/payment-gateway.port';
import { Plans } from './ports/plans.port';
import { SyncUser } from './sync-user';

/**
 * Changes the plan of a live paid subscription: a better one at once, a lesser one when the period ends, the free one
 * after it. The payment side does it, and ours follows what it then says.
 */
@Injectable()
export class ChangePaidPlan {
  constructor(
    private readonly payments: PaymentGateway,
    private readonly plans: Plans,
    private readonly syncUser: SyncUser,
  ) {}

  /**
   * @returns the subscription as it is then
   * @throws PaymentRequired, SubscriptionMadeByHand, PlanNotOnSale, PriceReplaced, NoSubscription, PaymentsUnavailable
   */
  async execute(live: Subscription, wanted: Plan): Promise<Subscription> {
    const change = changeTo(wanted, live);
    if (change === 'none') return live;
    if (live.paymentId === null) throw new SubscriptionMadeByHand();
    const isDone = await this.tryChange(change, { ...live, paymentId: live.paymentId }, wanted);
    const changed = await this.syncUser.execute(live.userId);
    if (!isDone) throw new PaymentRequired('The change takes effect when its invoice is paid: see the billing portal.');
    if (!changed) throw new NoSubscription();
    return changed;
  }

  /** What the payment side no longer has is gone from ours, too, when the user tries again. */
  private async tryChange(change: PlanChange, live: PaidLive, wanted: Plan): Promise<boolean> {
    try {
      return await this.change(change, live, wanted);
    } catch (error) {
      if (error instanceof PaymentObjectMissing) await this.syncUser.execute(live.userId);
      throw error;
    }
  }

  /** @returns false while a payment is open */
  private async change(change: PlanChange, { paymentId }: PaidLive, wanted: Plan): Promise<boolean> {
    const operationId = crypto.randomUUID();
    switch (change) {
      case 'none':
        return true;
      case 'go-on':
        await this.payments.goOn(operationId, paymentId);
        return true;
      case 'end-for-free':
        await this.payments.cancelAtPeriodEnd(operationId, paymentId, true);
        return true;
      case 'upgrade':
        return this.atCurrentPrice(wanted, (priceId) =>
          this.payments.changeNow({ operationId, subscriptionId: paymentId, priceId }),
        );
      case 'downgrade':
        await this.atCurrentPrice(wanted, (priceId) =>
          this.payments.changeAtPeriodEnd({ operationId, subscriptionId: paymentId, priceId }),
        );
        return true;
      case 'pay-first':
        throw new PaymentRequired('An invoice is owed. Pay it in the billing portal, then change the plan.');
    }
  }

  /** Prices are replaced at the payment side first, and noted here a moment later: then it is worth a second look. */
  private async atCurrentPrice<T>(wanted: Plan, change: (priceId: string) => Promise<T>): Promise<T> {
    const priceId = await this.priceOf(wanted);
    try {
      return await change(priceId);
    } catch (error) {
      const current = error instanceof PriceReplaced ? await this.priceOf(wanted) : priceId;
      if (current === priceId) throw error;
      return change(current);
    }
  }

  private async priceOf({ id }: Plan): Promise<string> {
    const priceId = await this.plans.priceOf(id);
    if (priceId === undefined) throw new PlanNotOnSale();
    return priceId;
  }
}

type PaidLive = Subscription & { readonly paymentId: string };
