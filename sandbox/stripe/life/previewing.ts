import { newInvoice } from '../objects/invoices';
import type { Invoice, InvoiceLine, Subscription, SubscriptionItem } from '../objects/wire';
import { Refusal } from '../protocol/refusals';
import { given } from '../protocol/route';
import type { World } from '../world';
import { MINUTE, periodAround } from './calendar';
import type { ProrationBehavior } from './changing';
import { type ItemParams, recurrenceOf, type WorkedOut, within, workOut } from './item-changes';
import { fullLine } from './lines';
import { firstPeriodOf } from './opening';
import { upcomingInvoice } from './renewing';
import { isEnded } from './ending';

export interface PreviewParams {
  readonly items?: readonly ItemParams[];
  readonly proration_behavior?: ProrationBehavior;
  readonly proration_date?: number;
  readonly billing_cycle_anchor?: { readonly type: 'now' | 'unchanged' };
  readonly cancel_at_period_end?: boolean;
  readonly cancel_now?: boolean;
}

/** The next invoice as it would be after the change; nothing is changed. @throws Refusal where none will come */
export function preview(world: World, subscription: Subscription, params: PreviewParams): Invoice {
  const resetsAnchor = params.billing_cycle_anchor?.type === 'now';
  if (params.items === undefined && !resetsAnchor) return undisturbed(world, subscription, params);
  if (isEnded(subscription)) throw noUpcoming(subscription);
  const workedOut = workOut(world, subscription, {
    ...given({ items: params.items, prorationDate: params.proration_date }),
    prorates: params.proration_behavior !== 'none',
    resetsAnchor,
  });
  const isBilledNow = workedOut.startsAnew || params.proration_behavior === 'always_invoice';
  const { start, end } = firstPeriodOf(subscription);
  const { waitingLines } = world.notesOf(subscription.id);
  return newInvoice(world, {
    customer: world.customer(subscription.customer),
    subscription,
    reason: 'upcoming',
    lines: [...waitingLines, ...workedOut.lines, ...(isBilledNow ? [] : nextCycle(world, subscription, workedOut))],
    period: { start, end: isBilledNow ? world.now : end },
    finalizesAt: isBilledNow ? null : end + world.habits.draftMinutes * MINUTE,
    ...given({ prorationDate: params.proration_date }),
  });
}

function undisturbed(world: World, subscription: Subscription, params: PreviewParams): Invoice {
  const ends = subscription.cancel_at !== null || params.cancel_at_period_end === true || params.cancel_now === true;
  if (ends || isEnded(subscription)) throw noUpcoming(subscription);
  return upcomingInvoice(world, subscription);
}

function nextCycle(world: World, subscription: Subscription, { change }: WorkedOut): readonly InvoiceLine[] {
  const later = (item: SubscriptionItem): SubscriptionItem =>
    within(item, periodAround(change.anchor, recurrenceOf(item.price), item.current_period_end));
  return change.items.map((item) => fullLine(world, subscription, later(item)));
}

const noUpcoming = (subscription: Subscription): Refusal =>
  new Refusal(404, {
    type: 'invalid_request_error',
    code: 'invoice_upcoming_none',
    message: `No upcoming invoices for customer: ${subscription.customer}`,
  });
