import { monthOf } from './entitlement';
import { monthContaining, monthFrom, type Period } from './period';
import type { Plan } from './plan';
import type { Subscription } from './subscription';

/** What the months of a free subscription that starts now are counted from. */
export interface FreeStart {
  readonly free: Plan;
  /** What was live until now, or what granted no more than the free plan before it ended; as it was then. */
  readonly ended: Subscription | undefined;
  /** Of the free subscription that the user had before. */
  readonly earlier: Period | undefined;
  readonly now: Date;
}

/**
 * The free plan's first month. A paid plan that had come to grant no more than the free one goes over into it within
 * its own month, whenever its end is told and whenever the free one is chosen: nobody gets two free months for one. Otherwise whoever had the free plan
 * before finds its months as they were left.
 */
export function firstFreeMonth({ free, ended, earlier, now }: FreeStart): Period {
  if (ended && isFreeAlready(ended, free, now)) return monthOf(ended.recordedPeriod, now);
  return earlier ? monthContaining(earlier, now) : monthFrom(now);
}

function isFreeAlready({ grantsUntil, nextPlanId, recordedPeriod }: Subscription, free: Plan, now: Date): boolean {
  const hasLapsed = grantsUntil !== null && now >= grantsUntil;
  return hasLapsed || (nextPlanId === free.id && now >= recordedPeriod.end);
}
