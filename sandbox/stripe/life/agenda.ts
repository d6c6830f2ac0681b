import type { Invoice, Schedule, Subscription } from '../objects/wire';
import type { World } from '../world';
import { DAY } from './calendar';
import { PATIENCE, expirePending } from './changing';
import { awaitsDelayedPayment, expireSession } from './checkout';
import { endSubscription, expireSubscription, isEnded } from './ending';
import { voidInvoice } from './invoicing';
import { firstPeriodOf, trialWarningAt } from './opening';
import { announceRenewal, endTrial, finalizeAndCollect, renew } from './renewing';
import { turnPhase } from './scheduling';
import { collect } from './standing';

/** Something that happens by itself at its time. */
export interface Due {
  readonly at: number;
  readonly happen: () => void;
}

/** How long before a renewal it is announced. */
const ANNOUNCED_BEFORE = 7 * DAY;
const BILLED = new Set(['active', 'past_due', 'unpaid']);

/** The next thing that is due, at the latest at `until`; of several at the same time, ends come before renewals. */
export function nextDue(world: World, until: number): Due | undefined {
  let next: Due | undefined;
  for (const due of allDue(world)) {
    if (due.at <= until && (next === undefined || due.at < next.at)) next = due;
  }
  return next;
}

function* allDue(world: World): Generator<Due> {
  const subscriptions = world.all('subscription').filter((subscription) => !isEnded(subscription));
  for (const subscription of subscriptions) yield* endsOf(world, subscription);
  for (const schedule of world.all('subscription_schedule')) yield* phasesOf(world, schedule);
  for (const subscription of subscriptions) yield* cyclesOf(world, subscription);
  for (const invoice of world.all('invoice')) yield* collectionsOf(world, invoice);
  for (const session of world.all('checkout.session')) {
    if (session.status === 'open') yield { at: session.expires_at, happen: () => expireSession(world, session) };
  }
}

function* endsOf(world: World, subscription: Subscription): Generator<Due> {
  const { cancel_at: end, pending_update: pending, status } = subscription;
  if (end !== null) yield { at: end, happen: () => endSubscription(world, subscription, 'cancellation_requested') };
  if (pending !== null) yield { at: pending.expires_at, happen: () => expirePending(world, subscription) };
  if (status === 'incomplete' && !awaitsDelayedPayment(world, subscription)) {
    yield { at: subscription.created + PATIENCE, happen: () => giveUp(world, subscription) };
  }
  const { resumesWith } = world.notesOf(subscription.id);
  const invoice = world.find('invoice', resumesWith);
  if (invoice !== undefined) {
    yield { at: invoice.created + PATIENCE, happen: () => giveUpResuming(world, subscription, invoice) };
  }
}

/** The first payment never came: the invoice is void, the subscription has never begun. */
function giveUp(world: World, subscription: Subscription): void {
  const invoice = world.find('invoice', subscription.latest_invoice);
  expireSubscription(world, subscription);
  if (invoice?.status === 'open') voidInvoice(world, invoice);
}

function giveUpResuming(world: World, subscription: Subscription, invoice: Invoice): void {
  delete world.notesOf(subscription.id).resumesWith;
  if (invoice.status === 'open') voidInvoice(world, invoice);
}

function* phasesOf(world: World, schedule: Schedule): Generator<Due> {
  if (schedule.status !== 'active' || schedule.current_phase === null) return;
  yield { at: schedule.current_phase.end_date, happen: () => turnPhase(world, schedule) };
}

function* cyclesOf(world: World, subscription: Subscription): Generator<Due> {
  const { status, trial_end: trialEnd } = subscription;
  const notes = world.notesOf(subscription.id);
  const period = firstPeriodOf(subscription);
  const announcement = period.end - ANNOUNCED_BEFORE;
  const isAnnounced = notes.renewalTold === period.end || announcement <= period.start;
  if ((status === 'active' || status === 'trialing') && !isAnnounced && subscription.cancel_at === null) {
    yield { at: announcement, happen: () => announceRenewal(world, subscription) };
  }
  if (status === 'trialing' && trialEnd !== null) {
    if (!notes.trialEndTold)
      yield { at: trialWarningAt(subscription), happen: () => warnOfTrialEnd(world, subscription) };
    yield { at: trialEnd, happen: () => endTrial(world, subscription) };
  }
  if (BILLED.has(status)) yield { at: period.end, happen: () => renew(world, subscription) };
}

function warnOfTrialEnd(world: World, subscription: Subscription): void {
  world.notesOf(subscription.id).trialEndTold = true;
  world.tell('customer.subscription.trial_will_end', subscription);
}

function* collectionsOf(world: World, invoice: Invoice): Generator<Due> {
  if (invoice.status === 'draft' && invoice.automatically_finalizes_at !== null) {
    yield { at: invoice.automatically_finalizes_at, happen: () => finalizeAndCollect(world, invoice) };
  }
  if (invoice.status === 'open' && invoice.next_payment_attempt !== null) {
    yield { at: invoice.next_payment_attempt, happen: () => void collect(world, invoice) };
  }
}
