import type { CardBehavior } from '../objects/hidden';
import type { Invoice, Subscription } from '../objects/wire';
import type { World } from '../world';
import { DAY } from './calendar';
import { charge, type ChargeOutcome, tellFailure } from './charging';
import { endSubscription, isEnded } from './ending';
import { stopCollecting, subscriptionOf } from './invoicing';
import { applyChange, freshPeriod, within } from './item-changes';

/** Tries to collect an open invoice, with everything that follows for its subscription. */
export function collect(world: World, invoice: Invoice, behavior?: CardBehavior): ChargeOutcome {
  const outcome = charge(world, invoice, behavior);
  if (outcome === 'paid') followPayment(world, invoice);
  else followFailure(world, invoice, outcome);
  return outcome;
}

/** What the payment of an invoice does to its subscription. */
export function followPayment(world: World, invoice: Invoice): void {
  const subscription = subscriptionOf(world, invoice);
  if (subscription === undefined || isEnded(subscription)) return;
  const notes = world.notesOf(subscription.id);
  if (notes.pendingChange?.invoice === invoice.id) applyPending(world, subscription);
  if (notes.resumesWith === invoice.id) resumeNow(world, subscription);
  const isLatest = subscription.latest_invoice === invoice.id;
  const canRecover = subscription.status === 'incomplete' || (isLatest && isBehind(subscription));
  if (!canRecover) return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.status = 'active'));
}

const isBehind = ({ status }: Subscription): boolean => status === 'past_due' || status === 'unpaid';

function applyPending(world: World, subscription: Subscription): void {
  const notes = world.notesOf(subscription.id);
  const { pendingChange } = notes;
  if (pendingChange === undefined) return;
  delete notes.pendingChange;
  const wasPending = subscription.pending_update !== null;
  world.change(subscription, 'customer.subscription.updated', () => {
    applyChange(subscription, pendingChange.change);
    subscription.pending_update = null;
  });
  if (wasPending) world.tell('customer.subscription.pending_update_applied', subscription);
}

/** A paused subscription begins a new cycle. */
export function resumeNow(world: World, subscription: Subscription): void {
  delete world.notesOf(subscription.id).resumesWith;
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'active';
    delete subscription.status_details;
    subscription.billing_cycle_anchor = world.now;
    subscription.items.data = subscription.items.data.map((item) => within(item, freshPeriod(item, world.now)));
  });
  world.tell('customer.subscription.resumed', subscription);
}

function followFailure(world: World, invoice: Invoice, outcome: ChargeOutcome): void {
  const subscription = subscriptionOf(world, invoice);
  const isHeld = subscription === undefined || isEnded(subscription) || !isRetried(world, subscription, invoice);
  invoice.next_payment_attempt = isHeld ? null : nextAttempt(world, invoice);
  tellFailure(world, invoice, outcome);
  if (isHeld) return;
  if (invoice.next_payment_attempt === null) endOfRetries(world, subscription, invoice);
  else fallBehind(world, subscription);
}

/** The first invoice and that of a pending update only wait for the customer. */
function isRetried(world: World, subscription: Subscription, invoice: Invoice): boolean {
  const { pendingChange, resumesWith } = world.notesOf(subscription.id);
  const isWaiting = pendingChange?.invoice === invoice.id || resumesWith === invoice.id;
  return invoice.billing_reason !== 'subscription_create' && !isWaiting && subscription.status !== 'unpaid';
}

function nextAttempt(world: World, invoice: Invoice): number | null {
  const days = world.habits.dunning.retryAfterDays[invoice.attempt_count - 1];
  return days === undefined ? null : world.now + Math.round(days * DAY);
}

function fallBehind(world: World, subscription: Subscription): void {
  if (subscription.status === 'unpaid') return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.status = 'past_due'));
}

/** The account's setting decides; a cancellation is told by `customer.subscription.deleted` alone. */
function endOfRetries(world: World, subscription: Subscription, invoice: Invoice): void {
  const { end } = world.habits.dunning;
  if (end === 'cancel') {
    endSubscription(world, subscription, 'payment_failed');
    return;
  }
  stopCollecting(world, invoice);
  world.change(subscription, 'customer.subscription.updated', () => (subscription.status = end));
}
