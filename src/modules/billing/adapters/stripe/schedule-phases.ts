import type Stripe from 'stripe';
import { idOf } from './to-payment-subscription';

type PhaseParams = Stripe.SubscriptionScheduleUpdateParams.Phase;
interface Discounted {
  readonly discounts: readonly Stripe.SubscriptionSchedule.Phase.Discount[];
}

/**
 * Two phases: the one under way, as it is, until it ends; then the new price for one interval, after which the schedule
 * lets go of the subscription and it goes on by itself. Whatever else was to come is dropped.
 * @param replaced the price whose place the new one takes, among what else is sold; absent or unknown: the first
 */
export function phasesTowards(
  schedule: Stripe.SubscriptionSchedule,
  price: Stripe.Price,
  replaced?: string,
): PhaseParams[] {
  const current = underWay(schedule);
  const place = Math.max(
    current.items.findIndex((item) => idOf(item.price) === replaced),
    0,
  );
  const items = current.items.map((item, position) =>
    position === place ? { price: price.id, quantity: 1 } : itemAsItIs(item),
  );
  return [
    asItIs(current),
    {
      items,
      duration: {
        interval: price.recurring?.interval ?? 'month',
        interval_count: price.recurring?.interval_count ?? 1,
      },
      proration_behavior: 'none',
      ...discountsOf(current),
    },
  ];
}

/** What was to come by a schedule that has let go, for a fresh one of the same subscription. */
export function phasesAgain(released: Stripe.SubscriptionSchedule, fresh: Stripe.SubscriptionSchedule): PhaseParams[] {
  const { end_date } = underWay(released);
  const toCome = released.phases.filter(({ start_date }) => start_date >= end_date);
  return [{ ...asItIs(underWay(fresh)), end_date }, ...toCome.map(asItIs)];
}

function underWay({ phases, current_phase }: Stripe.SubscriptionSchedule): Stripe.SubscriptionSchedule.Phase {
  const current = phases.find(({ start_date }) => start_date === current_phase?.start_date) ?? phases[0];
  if (current === undefined) throw new Error('Stripe gave a schedule without phases');
  return current;
}

/** A phase that is sent back without something would lose it. */
function asItIs(phase: Stripe.SubscriptionSchedule.Phase): PhaseParams {
  return {
    start_date: phase.start_date,
    end_date: phase.end_date,
    proration_behavior: phase.proration_behavior,
    items: phase.items.map(itemAsItIs),
    ...discountsOf(phase),
    ...(phase.metadata && Object.keys(phase.metadata).length > 0 && { metadata: phase.metadata }),
    ...(phase.trial_end !== null && { trial_end: phase.trial_end }),
    ...(phase.default_payment_method !== null && { default_payment_method: idOf(phase.default_payment_method) }),
    ...(phase.default_tax_rates &&
      phase.default_tax_rates.length > 0 && { default_tax_rates: phase.default_tax_rates.map(idOf) }),
  };
}

function itemAsItIs(item: Stripe.SubscriptionSchedule.Phase.Item): PhaseParams['items'][number] {
  return {
    price: idOf(item.price),
    ...(item.quantity !== undefined && { quantity: item.quantity }),
    ...(item.tax_rates && item.tax_rates.length > 0 && { tax_rates: item.tax_rates.map(idOf) }),
    ...(item.metadata && Object.keys(item.metadata).length > 0 && { metadata: item.metadata }),
    ...discountsOf(item),
  };
}

function discountsOf({ discounts }: Discounted): Pick<PhaseParams, 'discounts'> {
  if (discounts.length === 0) return {};
  return {
    discounts: discounts.map(({ coupon, discount, promotion_code }) => {
      if (discount !== null) return { discount: idOf(discount) };
      if (promotion_code !== null) return { promotion_code: idOf(promotion_code) };
      return { coupon: coupon === null ? '' : idOf(coupon) };
    }),
  };
}
