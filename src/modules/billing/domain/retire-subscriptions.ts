import { type Decision, decideSubscriptions } from './decide-subscriptions';
import { isOver, type PaidSubscription } from './paid-subscription';
import type { Terms } from './read-payment-subscription';

/** Nothing is read, so nothing has to be known about what is sold. */
const NOTHING_ON_SALE: Terms = { plans: new Map(), freePlanId: '', graceMs: 0 };

/**
 * Decides what remains of subscriptions whose payment side is gone: they end, and their user, who has not asked for
 * that, falls to the free plan.
 */
export function retireSubscriptions(gone: readonly PaidSubscription[], unpaidSince: Date | null): Decision {
  const open = gone.filter((record) => !isOver(record));
  const facts = { subscriptions: [], isDeleted: true, recorded: open, unpaidSince, terms: NOTHING_ON_SALE };
  const hasLostPlan = open.some(({ status }) => status !== 'canceled');
  const decision = decideSubscriptions(facts);
  return { ...decision, free: hasLostPlan && unpaidSince === null ? 'starts' : decision.free };
}
