import type { Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { draftInvoice, finalizeInvoice } from './invoicing';
import { freshPeriod, within } from './item-changes';
import { creditLine, fullLine } from './lines';
import { firstPeriodOf } from './opening';
import { pauseNow } from './renewing';
import { collect, resumeNow } from './standing';

const PAUSABLE = new Set(['active', 'trialing', 'past_due']);

/** Stops service and billing. Unused time becomes credit on the next invoice, unless it is not wanted. */
export function pause(world: World, subscription: Subscription, credits: boolean): void {
  if (!PAUSABLE.has(subscription.status)) {
    throw invalid(`A subscription with status \`${subscription.status}\` cannot be paused.`);
  }
  if (subscription.schedule !== null) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\` and cannot be paused.`,
    );
  }
  const isPaidAhead = subscription.status === 'active';
  if (credits && isPaidAhead) {
    const lines = subscription.items.data.map((item) => creditLine(world, subscription, { item, moment: world.now }));
    world.notesOf(subscription.id).waitingLines.push(...lines);
  }
  pauseNow(world, subscription, 'pause_requested');
}

export interface ResumeWish {
  readonly anchor: 'now' | 'unchanged';
  readonly needsPayment: boolean;
}

/** Starts again: with a new period that is billed at once, or within the period that was interrupted. */
export function resume(world: World, subscription: Subscription, { anchor, needsPayment }: ResumeWish): void {
  if (subscription.status !== 'paused') {
    throw invalid('Cannot resume a subscription that is not paused.', undefined, 'subscription_not_paused');
  }
  const isStillRunning = firstPeriodOf(subscription).end > world.now;
  if (anchor === 'unchanged' && isStillRunning) {
    world.change(subscription, 'customer.subscription.updated', () => {
      subscription.status = 'active';
      delete subscription.status_details;
    });
    world.tell('customer.subscription.resumed', subscription);
    return;
  }
  billAndResume(world, subscription, needsPayment);
}

function billAndResume(world: World, subscription: Subscription, needsPayment: boolean): void {
  const notes = world.notesOf(subscription.id);
  const items = subscription.items.data.map((item) => within(item, freshPeriod(item, world.now)));
  const invoice = draftInvoice(world, {
    subscription,
    reason: 'subscription_update',
    lines: [...notes.waitingLines, ...items.map((item) => fullLine(world, subscription, item))],
    period: { start: world.now, end: world.now },
    finalizesAt: null,
  });
  notes.waitingLines = [];
  if (!needsPayment) resumeNow(world, subscription);
  else notes.resumesWith = invoice.id;
  finalizeInvoice(world, invoice);
  if (invoice.status === 'open') collect(world, invoice);
  else if (needsPayment) resumeNow(world, subscription);
}
