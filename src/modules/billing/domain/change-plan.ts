import { INTERVALS, isFree, type Plan, TIERS } from './plan';
import type { Subscription } from './subscription';

/** What a user's choice of a plan means for the paid subscription that the user has. */
export type PlanChange =
  /** It is so already. */
  | 'none'
  /** What was to come is taken back: the subscription goes on as it is. */
  | 'go-on'
  /** The free plan follows at the period's end. */
  | 'end-for-free'
  /** At once, and paid for: also during a trial, which ends with it. */
  | 'upgrade'
  /** When the period ends: what is paid for stays. */
  | 'downgrade'
  /** Something is owed: first that. */
  | 'pay-first';

/** A choice changes what comes, too: to choose the plan one has takes back a cancellation or a change. */
export function changeTo(wanted: Plan, live: Subscription): PlanChange {
  if (wanted.id === live.plan.id) return hasSomethingToCome(live) ? 'go-on' : 'none';
  if (isToCome(wanted, live)) return 'none';
  if (isFree(wanted)) return 'end-for-free';
  if (live.status === 'past_due') return 'pay-first';
  return rank(wanted) > rank(live.plan) ? 'upgrade' : 'downgrade';
}

/** Whether the subscription ends, or changes, at the end of its period. */
export function hasSomethingToCome({ cancelAtPeriodEnd, nextPlanId }: Subscription): boolean {
  return cancelAtPeriodEnd || nextPlanId !== null;
}

/** The free plan comes after one that ends, any other after one that goes on. */
function isToCome(wanted: Plan, { nextPlanId, cancelAtPeriodEnd }: Subscription): boolean {
  return nextPlanId === wanted.id && cancelAtPeriodEnd === isFree(wanted);
}

/** By tier, then yearly over monthly. */
function rank({ slug, interval }: Plan): number {
  return TIERS.indexOf(slug) * INTERVALS.length + INTERVALS.indexOf(interval);
}
