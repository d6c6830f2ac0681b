import type { Invoice, Subscription } from '../objects/wire';
import { newInvoice } from '../objects/invoices';
import type { World } from '../world';
import { MINUTE, periodAround } from './calendar';
import { methodOf } from './charging';
import { endSubscription } from './ending';
import { draftInvoice, finalizeInvoice, stopCollecting } from './invoicing';
import { recurrenceOf, within } from './item-changes';
import { fullLine } from './lines';
import { firstPeriodOf } from './opening';
import { collect, followPayment } from './standing';

/** The next period begins. Its invoice is a draft for a while; one of an unpaid subscription stays a draft. */
export function renew(world: World, subscription: Subscription): void {
  const former = firstPeriodOf(subscription);
  world.change(subscription, 'customer.subscription.updated', () => {
    startPeriodAt(subscription, former.end);
    billCycle(world, subscription, former);
  });
}

function startPeriodAt(subscription: Subscription, moment: number): void {
  subscription.items.data = subscription.items.data.map((item) =>
    within(item, periodAround(subscription.billing_cycle_anchor, recurrenceOf(item.price), moment)),
  );
}

function billCycle(world: World, subscription: Subscription, former: { start: number; end: number }): void {
  const notes = world.notesOf(subscription.id);
  const isCollected = subscription.status !== 'unpaid' && subscription.pause_collection === null;
  const lines = subscription.items.data.map((item) => fullLine(world, subscription, item));
  draftInvoice(world, {
    subscription,
    reason: 'subscription_cycle',
    lines: [...notes.waitingLines, ...lines],
    period: former,
    finalizesAt: isCollected ? world.now + world.habits.draftMinutes * MINUTE : null,
  });
  notes.waitingLines = [];
}

/** A draft has waited long enough. */
export function finalizeAndCollect(world: World, invoice: Invoice): void {
  finalizeInvoice(world, invoice);
  if (invoice.status === 'paid') followPayment(world, invoice);
  else collect(world, invoice);
}

/** A trial is over: it is billed from here on, or goes as its settings say when there is nothing to charge. */
export function endTrial(world: World, subscription: Subscription): void {
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice';
  const cannotPay = methodOf(world, subscription) === undefined;
  if (cannotPay && behavior === 'cancel') {
    endSubscription(world, subscription, null);
    return;
  }
  if (cannotPay && behavior === 'pause') {
    pauseNow(world, subscription, 'trial_end_without_payment_method');
    return;
  }
  const former = firstPeriodOf(subscription);
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'active';
    subscription.billing_cycle_anchor = world.now;
    startPeriodAt(subscription, world.now);
    billCycle(world, subscription, { start: former.start, end: world.now });
  });
}

export function pauseNow(world: World, subscription: Subscription, type: string): void {
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'paused';
    subscription.status_details = {
      paused: { subscription: { type }, transitioned_at: world.now, type: 'subscription' },
    };
  });
  for (const invoice of openInvoicesOf(world, subscription)) stopCollecting(world, invoice);
  world.tell('customer.subscription.paused', subscription);
}

export function openInvoicesOf(world: World, subscription: Subscription): readonly Invoice[] {
  return world
    .all('invoice')
    .filter((invoice) => invoice.parent?.subscription_details?.subscription === subscription.id)
    .filter((invoice) => invoice.status === 'open' || invoice.status === 'draft');
}

/** Tells that a renewal is near; the invoice doesn't exist yet, and has no id. */
export function announceRenewal(world: World, subscription: Subscription): void {
  const period = firstPeriodOf(subscription);
  world.notesOf(subscription.id).renewalTold = period.end;
  const { id: _none, ...upcoming } = upcomingInvoice(world, subscription);
  world.tell('invoice.upcoming', upcoming);
}

/** What the next renewal will cost as things stand. */
export function upcomingInvoice(world: World, subscription: Subscription): Invoice {
  const period = firstPeriodOf(subscription);
  const items = subscription.items.data.map((item) =>
    within(item, periodAround(subscription.billing_cycle_anchor, recurrenceOf(item.price), period.end)),
  );
  return newInvoice(world, {
    customer: world.customer(subscription.customer),
    subscription,
    reason: 'upcoming',
    lines: [
      ...world.notesOf(subscription.id).waitingLines,
      ...items.map((item) => fullLine(world, subscription, item)),
    ],
    period,
    finalizesAt: period.end + world.habits.draftMinutes * MINUTE,
  });
}
