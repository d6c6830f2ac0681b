import type { Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { endSubscription } from './ending';
import { draftInvoice, finalizeInvoice } from './invoicing';
import { creditLine } from './lines';
import { firstPeriodOf } from './opening';

export type CancelAt = number | '' | 'min_period_end' | 'max_period_end' | 'max_billed_until';

export interface CancelWish {
  readonly at?: CancelAt;
  readonly atPeriodEnd?: boolean;
}

/**
 * Plans the end, or takes the plan back; to be called while the subscription is being changed. `cancel_at_period_end`
 * shows the date in `cancel_at` as well; `cancel_at` alone leaves the flag false.
 * @throws Refusal for a moment that has passed
 */
export function planEnd(world: World, subscription: Subscription, { at, atPeriodEnd }: CancelWish): void {
  if (at === '' || (atPeriodEnd === false && subscription.cancel_at_period_end)) {
    subscription.cancel_at = null;
    subscription.cancel_at_period_end = false;
    subscription.canceled_at = null;
    setReason(subscription, null);
    return;
  }
  if (atPeriodEnd !== true && at === undefined) return;
  const moment = typeof at === 'number' ? at : firstPeriodOf(subscription).end;
  if (moment <= world.now) throw invalid('`cancel_at` must be in the future.', 'cancel_at');
  subscription.cancel_at = moment;
  subscription.cancel_at_period_end = atPeriodEnd === true;
  subscription.canceled_at = world.now;
  setReason(subscription, 'cancellation_requested');
}

function setReason(subscription: Subscription, reason: string | null): void {
  if (subscription.cancellation_details !== null) subscription.cancellation_details.reason = reason;
}

/** Ends it at once; with `invoiceNow` what is still owed or owing is settled by a last invoice. */
export function cancelNow(
  world: World,
  subscription: Subscription,
  { invoiceNow = false, prorate = false }: { readonly invoiceNow?: boolean; readonly prorate?: boolean } = {},
): void {
  const notes = world.notesOf(subscription.id);
  const credits = prorate
    ? subscription.items.data.map((item) => creditLine(world, subscription, { item, moment: world.now }))
    : [];
  const lines = [...notes.waitingLines, ...credits];
  notes.waitingLines = [];
  if (invoiceNow && lines.length > 0) {
    const { start } = firstPeriodOf(subscription);
    const period = { start, end: world.now };
    finalizeInvoice(
      world,
      draftInvoice(world, { subscription, reason: 'subscription_update', lines, period, finalizesAt: null }),
    );
  }
  subscription.canceled_at = world.now;
  endSubscription(world, subscription, 'cancellation_requested');
}
