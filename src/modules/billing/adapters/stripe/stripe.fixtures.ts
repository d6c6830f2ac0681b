import type Stripe from 'stripe';

/** Unix times, some days apart. */
export const [CREATED, START, END, LATER] = [1_767_000_000, 1_767_225_600, 1_769_904_000, 1_772_323_200] as const;

export function stripeItem(priceId = 'price_basic'): Stripe.SubscriptionItem {
  const item = { id: 'si_1', price: { id: priceId }, current_period_start: START, current_period_end: END };
  return item as Stripe.SubscriptionItem;
}

/** A subscription that runs and that nothing is special about. Only what is read of it is there. */
export function stripeSubscription(parts: Partial<Stripe.Subscription> = {}): Stripe.Subscription {
  return {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status: 'active',
    created: CREATED,
    metadata: {},
    cancel_at: null,
    cancel_at_period_end: false,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    ended_at: null,
    trial_start: null,
    schedule: null,
    pending_update: null,
    default_payment_method: null,
    ...parts,
  } as Stripe.Subscription;
}

export function stripePhase(
  priceId: string,
  [start_date, end_date]: readonly [number, number],
  parts: Partial<Stripe.SubscriptionSchedule.Phase> = {},
): Stripe.SubscriptionSchedule.Phase {
  return {
    start_date,
    end_date,
    items: [{ price: priceId, quantity: 1, discounts: [], metadata: {}, tax_rates: [] }],
    discounts: [],
    metadata: {},
    trial_end: null,
    default_payment_method: null,
    default_tax_rates: [],
    proration_behavior: 'create_prorations',
    ...parts,
  } as unknown as Stripe.SubscriptionSchedule.Phase;
}

/** A schedule whose first phase is under way, unless told otherwise. */
export function stripeSchedule(
  phases: readonly Stripe.SubscriptionSchedule.Phase[],
  current = phases[0],
): Stripe.SubscriptionSchedule {
  const current_phase = current ? { start_date: current.start_date, end_date: current.end_date } : null;
  return { id: 'sub_sched_1', status: 'active', phases, current_phase } as Stripe.SubscriptionSchedule;
}
