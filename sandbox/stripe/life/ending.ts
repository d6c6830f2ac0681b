import type { Subscription } from '../objects/wire';
import type { World } from '../world';
import { stopCollecting } from './invoicing';

export type EndReason = 'cancellation_requested' | 'payment_failed';

const ENDED = new Set(['canceled', 'incomplete_expired']);

export const isEnded = (subscription: Subscription): boolean => ENDED.has(subscription.status);

/** Nothing but `customer.subscription.deleted` tells of it. */
export function endSubscription(world: World, subscription: Subscription, reason: EndReason | null): void {
  subscription.status = 'canceled';
  subscription.ended_at = world.now;
  subscription.canceled_at ??= world.now;
  if (subscription.cancellation_details !== null) subscription.cancellation_details.reason = reason;
  endSchedule(world, subscription);
  leaveInvoicesAlone(world, subscription);
  world.tell('customer.subscription.deleted', subscription);
}

/** The first payment never came. */
export function expireSubscription(world: World, subscription: Subscription): void {
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'incomplete_expired';
    subscription.ended_at = world.now;
  });
}

function endSchedule(world: World, subscription: Subscription): void {
  const schedule = world.find('subscription_schedule', subscription.schedule);
  if (schedule === undefined) return;
  schedule.status = 'canceled';
  schedule.canceled_at = world.now;
  schedule.current_phase = null;
  world.tell('subscription_schedule.canceled', schedule);
}

function leaveInvoicesAlone(world: World, subscription: Subscription): void {
  const theirs = world
    .all('invoice')
    .filter((invoice) => invoice.parent?.subscription_details?.subscription === subscription.id);
  for (const invoice of theirs) {
    if (invoice.status === 'draft' || invoice.status === 'open') stopCollecting(world, invoice);
  }
}
