import type Stripe from 'stripe';
import type { PriceChange } from '../../application/ports/payment-gateway.port';
import { PaymentObjectMissing } from '../../domain/billing.errors';
import { TAKEN_BACK } from './interrupted-change';
import { phasesTowards } from './schedule-phases';
import { isOurs } from './stripe-catalog';
import { isCardDeclined, isMissing, isRefused } from './stripe-errors';
import { isReplay, type StripeOperations } from './stripe-operations';
import { StripePrices } from './stripe-prices';
import { attemptOf, isEnding, StripeWayBack } from './stripe-way-back';
import { idOf } from './to-payment-subscription';

type Subscription = Stripe.Subscription;
const ENDED: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

/** What changes a subscription. Each step has a key of its own, made of the operation's id. */
export class StripePlanChanges {
  private readonly prices: StripePrices;
  private readonly wayBack: StripeWayBack;

  constructor(
    private readonly stripe: Stripe,
    private readonly operations: StripeOperations,
  ) {
    this.prices = new StripePrices(stripe);
    this.wayBack = new StripeWayBack(stripe, this.prices);
  }

  /**
   * A schedule and a change by hand would fight, so the schedule lets go first, and comes back when the change did not
   * take effect. A cancellation is taken back last, once the change is paid: whoever wanted to leave and whose card is
   * declined is not charged next month. A trial ends with the change, and goes on until then.
   */
  async changeNow({ operationId, subscriptionId, priceId }: PriceChange): Promise<boolean> {
    const price = await this.prices.sold(priceId);
    const before = await this.running(subscriptionId);
    const changed = await this.withoutPlan(
      before,
      operationId,
      (now) => carries(now, price.id),
      () => this.setPrice(before, price.id, operationId),
    );
    if (changed === undefined || !carries(changed, price.id)) return false;
    await this.takeBackCancellation(changed, operationId);
    if (changed.metadata[TAKEN_BACK]) await this.wayBack.forgetCancellation(changed.id);
    return true;
  }

  /**
   * Stripe lets nobody touch a cancellation while there is a schedule, so it is taken back first, and put back when the
   * schedule does not come about: nobody who wanted to leave is charged again because of a change that failed. What
   * whoever dies in between leaves behind is noted at the subscription, and put back by `finishInterrupted`.
   */
  async changeAtPeriodEnd(change: PriceChange): Promise<void> {
    const { operationId, subscriptionId, priceId } = change;
    const price = await this.prices.sold(priceId);
    const before = await this.running(subscriptionId);
    if (carries(before, price.id)) {
      await this.goOn(operationId, subscriptionId);
      return;
    }
    try {
      await this.plan(before, price, attemptOf(before, operationId));
    } catch (error) {
      await this.wayBack.putBackCancellation(before, operationId);
      throw error;
    }
  }

  /** The note travels with the cancellation: one is never there without the other. */
  async cancelAtPeriodEnd(operationId: string, subscriptionId: string, freeFollows: boolean): Promise<void> {
    const before = await this.running(subscriptionId);
    await this.withoutPlan(before, operationId, isEnding, () =>
      this.operations.once({
        key: `${operationId}:cancel`,
        send: (options) =>
          this.stripe.subscriptions.update(
            subscriptionId,
            { cancel_at_period_end: true, metadata: { free_follows: freeFollows ? 'true' : '', [TAKEN_BACK]: '' } },
            options,
          ),
      }),
    );
  }

  async goOn(operationId: string, subscriptionId: string): Promise<void> {
    const before = await this.running(subscriptionId);
    await this.release(before, operationId);
    await this.takeBackCancellation(before, operationId);
    if (before.metadata[TAKEN_BACK]) await this.wayBack.forgetCancellation(before.id);
  }

  finishInterrupted(subscriptionId: string): Promise<void> {
    return this.wayBack.finishInterrupted(subscriptionId);
  }

  forgetInterrupted(subscriptionId: string): Promise<void> {
    return this.wayBack.forgetInterrupted(subscriptionId);
  }

  async awaitsPayment(subscriptionId: string): Promise<boolean> {
    return (await this.running(subscriptionId)).pending_update !== null;
  }

  /** Stripe calls a subscription that has ended a missing one. */
  async cancelNow(subscriptionId: string): Promise<void> {
    try {
      await this.stripe.subscriptions.cancel(subscriptionId, { invoice_now: true, prorate: true });
    } catch (error) {
      if (!isMissing(error) && !isRefused(error)) throw error;
      const { status } = await this.stripe.subscriptions.retrieve(subscriptionId);
      if (!ENDED.has(status)) throw error;
    }
  }

  private async running(subscriptionId: string): Promise<Subscription> {
    const subscription = await this.stripe.subscriptions.retrieve(subscriptionId);
    if (ENDED.has(subscription.status)) throw new PaymentObjectMissing('The subscription has ended.');
    return subscription;
  }

  /** Releases the schedule for a change; puts it back unless the change has happened, whatever else came of it. */
  private async withoutPlan(
    before: Subscription,
    operationId: string,
    hasChanged: (now: Subscription) => boolean,
    change: () => Promise<Subscription | undefined>,
  ): Promise<Subscription | undefined> {
    const plan = await this.wayBack.planOf(before);
    let changed: Subscription | undefined;
    try {
      await this.release(before, operationId);
      changed = await change();
      return changed;
    } finally {
      if (changed === undefined || !hasChanged(changed)) await this.wayBack.putBackPlan(before.id, plan, hasChanged);
    }
  }

  private async plan(before: Subscription, price: Stripe.Price, attempt: string): Promise<void> {
    if (isEnding(before)) await this.wayBack.noteCancellation(before);
    await this.takeBackCancellation(before, attempt);
    const schedule = await this.scheduleOf(before, attempt);
    const phases = phasesTowards(schedule, price, ourItem(before)?.price.id);
    await this.prices.withPhases(phases, (suffix) =>
      this.operations.once({
        key: `${attempt}:phases:${schedule.id}${suffix}`,
        send: (options) =>
          this.stripe.subscriptionSchedules.update(
            schedule.id,
            { end_behavior: 'release', proration_behavior: 'none', phases },
            options,
          ),
      }),
    );
    if (isEnding(before) || before.metadata[TAKEN_BACK]) await this.wayBack.forgetCancellation(before.id);
  }

  /**
   * Without the end of its trial a better plan would begin at once and be paid for only later, or never.
   * @returns the subscription as it is then; undefined when the card was declined and nothing is pending
   */
  private async setPrice(before: Subscription, price: string, operationId: string): Promise<Subscription | undefined> {
    if (carries(before, price)) return before;
    const item = ourItem(before);
    if (item === undefined) throw new PaymentObjectMissing('The subscription holds nothing that could change.');
    try {
      const changed = await this.operations.once({
        key: `${operationId}:price`,
        send: (options) =>
          this.stripe.subscriptions.update(
            before.id,
            {
              // Without the item's id the price would be added to the old one.
              items: [{ id: item.id, price }],
              ...(before.status === 'trialing' && { trial_end: 'now' }),
              proration_behavior: 'always_invoice',
              payment_behavior: 'pending_if_incomplete',
            },
            options,
          ),
      });
      return isReplay(changed) ? await this.stripe.subscriptions.retrieve(before.id) : changed;
    } catch (error) {
      if (isCardDeclined(error)) return undefined;
      throw error;
    }
  }

  private async release({ id, schedule }: Subscription, operationId: string): Promise<void> {
    if (schedule === null) return;
    const scheduleId = idOf(schedule);
    try {
      await this.operations.once({
        key: `${operationId}:release:${scheduleId}`,
        send: (options) => this.stripe.subscriptionSchedules.release(scheduleId, {}, options),
      });
    } catch (error) {
      // It has let go already, or is over.
      if (!isRefused(error) || (await this.running(id)).schedule !== null) throw error;
    }
  }

  /** A date of its own is taken back by emptying it; the flag, which brings a date along, by lowering it. */
  private async takeBackCancellation(before: Subscription, operationId: string): Promise<void> {
    if (!isEnding(before) && !before.metadata['free_follows']) return;
    await this.operations.once({
      key: `${operationId}:go-on`,
      send: (options) =>
        this.stripe.subscriptions.update(
          before.id,
          {
            metadata: { free_follows: '' },
            ...(before.cancel_at_period_end && { cancel_at_period_end: false }),
            ...(!before.cancel_at_period_end && before.cancel_at !== null && { cancel_at: '' }),
          },
          options,
        ),
    });
  }

  private async scheduleOf({ id, schedule }: Subscription, operationId: string): Promise<Stripe.SubscriptionSchedule> {
    if (schedule !== null) return this.stripe.subscriptionSchedules.retrieve(idOf(schedule));
    return this.operations.once({
      key: `${operationId}:schedule`,
      send: (options) => this.stripe.subscriptionSchedules.create({ from_subscription: id }, options),
      look: async () => {
        const { schedule: made } = await this.running(id);
        return made === null ? undefined : this.stripe.subscriptionSchedules.retrieve(idOf(made));
      },
    });
  }
}

function carries({ items }: Subscription, priceId: string): boolean {
  return items.data.some(({ price }) => price.id === priceId);
}

/** Somebody may have added something else by hand, in front too. */
function ourItem({ items }: Subscription): Stripe.SubscriptionItem | undefined {
  return items.data.find(({ price }) => isOurs(price)) ?? items.data[0];
}
