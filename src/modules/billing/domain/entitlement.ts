import type { Limits } from './allowance';
import { monthContaining, monthFrom, type Period } from './period';
import type { Tier } from './plan';

/** A plan as far as it decides what may be used in a month. */
export interface GrantingPlan {
  readonly slug: Tier;
  readonly limits: Limits;
}

/** What decides on a user's allowance: the live subscription, and what stands beside it. */
export interface Grants {
  readonly plan: GrantingPlan;
  /** As recorded: what the payment side said last, or a free subscription's first month. */
  readonly recordedPeriod: Period;
  /** From then on the free plan's limits hold; null = as long as the subscription is live. */
  readonly grantsUntil: Date | null;
  /** Follows when the recorded period ends; null = the same plan again. */
  readonly nextPlan: GrantingPlan | null;
  readonly freePlan: GrantingPlan;
  /** What was agreed with the user. Holds while the plan that grants is enterprise; null = nothing. */
  readonly ownLimits: Limits | null;
}

/** What a user may use, and in which month. */
export interface Entitlement {
  readonly period: Period;
  readonly limits: Limits;
}

/** What the user may use at `moment`. Nobody has to have told us by then that a time has come. */
export function entitlementAt(grants: Grants, moment: Date): Entitlement {
  const { slug, limits } = planAt(grants, moment);
  const agreed = slug === 'enterprise' ? grants.ownLimits : null;
  return { period: monthOf(grants.recordedPeriod, moment), limits: agreed ?? limits };
}

function planAt({ plan, recordedPeriod, grantsUntil, nextPlan, freePlan }: Grants, moment: Date): GrantingPlan {
  if (grantsUntil !== null && moment >= grantsUntil) return freePlan;
  return nextPlan !== null && moment >= recordedPeriod.end ? nextPlan : plan;
}

/**
 * The month that contains `moment`, counted from the recorded period, whose end always ends a month too: where the
 * period is no whole number of months (a trial), its last month is cut short there, and the next ones count from there.
 */
export function monthOf(recorded: Period, moment: Date): Period {
  const isWhole = monthContaining(recorded, recorded.end).start.getTime() === recorded.end.getTime();
  if (isWhole) return monthContaining(recorded, moment);
  if (moment >= recorded.end) return monthContaining(monthFrom(recorded.end), moment);
  const { start, end } = monthContaining(recorded, moment);
  return { start, end: end > recorded.end ? recorded.end : end };
}
