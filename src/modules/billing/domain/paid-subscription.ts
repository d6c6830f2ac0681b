import type { Period } from './period';
import type { SubscriptionStatus } from './subscription';

/** What we record of a subscription that is paid for: what the payment side said last, in our words. */
export interface PaidSubscription {
  /** The payment side's id. */
  readonly paymentId: string;
  readonly planId: string;
  /** A user has at most one live one; every other is `canceled`, whatever the payment side still says of it. */
  readonly status: SubscriptionStatus;
  /** The payment side's own word. */
  readonly rawStatus: string | null;
  readonly period: Period;
  /** Until when the plan's limits hold; null = as long as it is live. */
  readonly grantsUntil: Date | null;
  /** The plan that follows when the period ends; null = the same again. */
  readonly nextPlanId: string | null;
  readonly owedSince: Date | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly paymentMethod: string | null;
}

/**
 * What one word of the payment side means.
 * - `running`: paid for, or tried out.
 * - `owing`: an invoice is due; the payment side still tries to get it paid.
 * - `withheld`: it goes on, and grants nothing: nobody tries any more to get it paid, or it is paused.
 * - `unbegun`: its first payment has not come.
 * - `expired`: its first payment never came. For good.
 * - `ended`: it was, and is no more. For good.
 */
export type Standing = 'running' | 'owing' | 'withheld' | 'unbegun' | 'expired' | 'ended' | 'unknown';

const STANDINGS: ReadonlyMap<string, Standing> = new Map([
  ['active', 'running'],
  ['trialing', 'running'],
  ['past_due', 'owing'],
  ['unpaid', 'withheld'],
  ['paused', 'withheld'],
  ['incomplete', 'unbegun'],
  ['incomplete_expired', 'expired'],
  ['canceled', 'ended'],
]);

/** The payment side adds words without notice: one that we don't know is `unknown`, never an error. */
export function standingOf(rawStatus: string): Standing {
  return STANDINGS.get(rawStatus) ?? 'unknown';
}

/** The words after which nothing changes any more. */
export const FINAL_WORDS: readonly string[] = [...STANDINGS].flatMap(([word, standing]) =>
  standing === 'ended' || standing === 'expired' ? [word] : [],
);

/** Whether it will never change any more. */
export function isOver({ rawStatus }: { readonly rawStatus: string | null }): boolean {
  return rawStatus !== null && FINAL_WORDS.includes(rawStatus);
}
