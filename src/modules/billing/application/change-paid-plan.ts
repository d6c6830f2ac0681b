import { Injectable } from '@nestjs/common';
import {
  ChangeInProgress,
  NoSubscription,
  PaymentObjectMissing,
  PaymentRequired,
  PlanNotOnSale,
  PriceReplaced,
  SubscriptionMadeByHand,
} from '../domain/billing.errors';
import { changeTo, hasSomethingToCome, type PlanChange } from '../domain/change-plan';
import type { Plan } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { OneChangeAtATime, type RunningChange } from './one-change-at-a-time';
import { PaymentGateway } from './ports/payment-gateway.port';
import { Plans } from './ports/plans.port';
import { SyncUser } from './sync-user';

/**
 * Changes the plan of a live paid subscription: a better one at once, a lesser one when the period ends, the free one
 * after it. The payment side does it, and ours follows what it then says. One change per user at a time: what a choice
 * means depends on what the one before it has done.
 */
@Injectable()
export class ChangePaidPlan {
  constructor(
    private readonly payments: PaymentGateway,
    private readonly plans: Plans,
    private readonly syncUser: SyncUser,
    private readonly oneChangeAtATime: OneChangeAtATime,
  ) {}

  /**
   * @returns the subscription as it is then
   * @throws ChangeInProgress, PaymentRequired, SubscriptionMadeByHand, PlanNotOnSale, PriceReplaced, NoSubscription,
   * PaymentsUnavailable
   */
  async execute(live: Subscription, wanted: Plan): Promise<Subscription> {
    const { userId, paymentId } = live;
    if (paymentId === null) {
      if (changeTo(wanted, live) === 'none') return live;
      throw new SubscriptionMadeByHand();
    }
    const isDone = await this.oneChangeAtATime.run(userId, (running) =>
      this.choose(wanted, { userId, paymentId }, running),
    );
    const changed = await this.syncUser.execute(userId);
    if (!isDone) throw new PaymentRequired('The change takes effect when its invoice is paid: see the billing portal.');
    if (!changed) throw new NoSubscription();
    return changed;
  }

  /** @returns false while a payment is open */
  private async choose(wanted: Plan, { userId, paymentId }: Paid, running: RunningChange): Promise<boolean> {
    const live = await this.syncUser.execute(userId);
    if (live?.paymentId !== paymentId) throw new ChangeInProgress();
    const change = changeTo(wanted, live);
    const isDone = await this.tryChange(change, { live: { ...live, paymentId }, wanted, running });
    // Nothing was sent: a better plan that was chosen earlier may still be paid for.
    if (change === 'none') await running.forget('downgrade');
    // A change that waits for its payment finds in its way later what is to come now.
    else if (isDone || !hasSomethingToCome(live)) await running.forget();
    return isDone;
  }

  /** What the payment side no longer has is gone from ours, too, when the user tries again. */
  private async tryChange(change: PlanChange, choice: Choice): Promise<boolean> {
    try {
      return await this.change(change, choice);
    } catch (error) {
      if (error instanceof PaymentObjectMissing) await this.syncUser.execute(choice.live.userId);
      throw error;
    }
  }

  /** @returns false while a payment is open */
  private async change(change: PlanChange, choice: Choice): Promise<boolean> {
    const { paymentId } = choice.live;
    switch (change) {
      case 'none':
        return true;
      case 'go-on':
        await this.payments.goOn(crypto.randomUUID(), paymentId);
        return true;
      case 'end-for-free':
        await this.payments.cancelAtPeriodEnd(crypto.randomUUID(), paymentId, true);
        return true;
      case 'downgrade':
        await this.requireNothingOpen(paymentId);
        return this.changePrice(change, choice);
      case 'upgrade':
        return this.changePrice(change, choice);
      case 'pay-first':
        throw new PaymentRequired('An invoice is owed. Pay it in the billing portal, then change the plan.');
    }
  }

  /** Who pays an invoice that is open for a better plan must not find it undone by a lesser one that was chosen since. */
  private async requireNothingOpen(paymentId: string): Promise<void> {
    if (!(await this.payments.awaitsPayment(paymentId))) return;
    throw new PaymentRequired(
      'A better plan waits for its payment. Pay it in the billing portal, or wait a day until it has expired, then choose again.',
    );
  }

  /** Prices are replaced at the payment side first, and noted here a moment later: then it is worth a second look. */
  private async changePrice(kind: 'upgrade' | 'downgrade', choice: Choice): Promise<boolean> {
    const operationId = crypto.randomUUID();
    const priceId = await this.priceOf(choice.wanted);
    try {
      return await this.send(kind, choice, { operationId, priceId });
    } catch (error) {
      const current = error instanceof PriceReplaced ? await this.priceOf(choice.wanted) : priceId;
      if (current === priceId) throw error;
      return this.send(kind, choice, { operationId, priceId: current });
    }
  }

  private async send(
    kind: 'upgrade' | 'downgrade',
    { live, wanted, running }: Choice,
    price: Priced,
  ): Promise<boolean> {
    await running.note({ kind, paymentId: live.paymentId, wantedPlanId: wanted.id });
    const change = { ...price, subscriptionId: live.paymentId };
    if (kind === 'upgrade') return this.payments.changeNow(change);
    await this.payments.changeAtPeriodEnd(change);
    return true;
  }

  private async priceOf({ id }: Plan): Promise<string> {
    const priceId = await this.plans.priceOf(id);
    if (priceId === undefined) throw new PlanNotOnSale();
    return priceId;
  }
}

type Paid = Pick<Subscription, 'userId'> & { readonly paymentId: string };
type PaidLive = Subscription & Paid;

interface Choice {
  readonly live: PaidLive;
  readonly wanted: Plan;
  readonly running: RunningChange;
}

interface Priced {
  readonly operationId: string;
  readonly priceId: string;
}
