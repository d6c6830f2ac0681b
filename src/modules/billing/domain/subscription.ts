import { monthContaining, type Period } from './period';
import { isFree, type Plan } from './plan';

export const LIVE_STATUSES = ['active', 'trialing', 'past_due'] as const;
export const SUBSCRIPTION_STATUSES = [...LIVE_STATUSES, 'canceled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** A user's subscription to a plan. Live = active, trialing or past due; a user has at most one live one. */
export interface Subscription {
  readonly id: string;
  readonly userId: string;
  readonly plan: Plan;
  readonly status: SubscriptionStatus;
  /** As recorded: what the payment side said last, or a free subscription's first month. */
  readonly recordedPeriod: Period;
  readonly cancelAtPeriodEnd: boolean;
  /** Until when the plan's limits hold; from then on those of the free plan do. null = as long as it is live. */
  readonly grantsUntil: Date | null;
  /** The plan that follows when the recorded period ends; null = the same again. */
  readonly nextPlanId: string | null;
  /** The payment side's id; null for a free one. */
  readonly paymentId: string | null;
  /** The database's clock when the subscription was read. */
  readonly readAt: Date;
}

/** The period that a subscription is in. Nobody renews a free one: its months follow from the recorded one. */
export function currentPeriod({ plan, recordedPeriod, readAt }: Subscription): Period {
  return isFree(plan) ? monthContaining(recordedPeriod, readAt) : recordedPeriod;
}
