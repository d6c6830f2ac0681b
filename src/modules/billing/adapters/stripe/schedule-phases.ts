import type Stripe from 'stripe';
import { idOf } from './to-payment-subscription';

type PhaseParams = Stripe.SubscriptionScheduleUpdateParams.Phase;
interface Discounted {
  readonly discounts: readonly Stripe.SubscriptionSchedule.Phase.Discount[];
}

/**
 * Two phases: the one under way, as it is, until it ends; then the new price for one interval, after which the schedule
 * lets go of the subscription and it goes on by itself. Whatever else was to come is dropped.
 */
export function phasesTowards(
  { phases, current_phase }: Stripe.SubscriptionSchedule,
  price: Stripe.Price,
): PhaseParams[] {
  const current = phases.find(({ start_date }) => start_date === current_phase?.start_date) ?? phases[0];
  if (current === undefined) throw new Error('Stripe gave a schedule without phases');
  return [
    asItIs(current),
    {
      items: [{ price: price.id, quantity: 1 }],
      duration: {
        interval: price.recurring?.interval ?? 'month',
        interval_count: price.recurring?.interval_count ?? 1,
      },
      proration_behavior: 'none',
      ...discountsOf(current),
    },
  ];
}

/** A phase that is sent back without something would lose it. */
function asItIs(phase: Stripe.SubscriptionSchedule.Phase): PhaseParams {
  return {
    start_date: phase.start_date,
    end_date: phase.end_date,
    proration_behavior: phase.proration_behavior,
    items: phase.items.map((item) => ({
      price: idOf(item.price),
      ...(item.quantity !== undefined && { quantity: item.quantity }),
      ...(item.tax_rates && item.tax_rates.length > 0 && { tax_rates: item.tax_rates.map(idOf) }),
      ...(item.metadata && Object.keys(item.metadata).length > 0 && { metadata: item.metadata }),
      ...discountsOf(item),
    })),
    ...discountsOf(phase),
    ...(phase.metadata && Object.keys(phase.metadata).length > 0 && { metadata: phase.metadata }),
    ...(phase.trial_end !== null && { trial_end: phase.trial_end }),
    ...(phase.default_payment_method !== null && { default_payment_method: idOf(phase.default_payment_method) }),
    ...(phase.default_tax_rates &&
      phase.default_tax_rates.length > 0 && { default_tax_rates: phase.default_tax_rates.map(idOf) }),
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
