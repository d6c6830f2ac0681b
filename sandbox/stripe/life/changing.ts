import type { ItemChange } from '../objects/hidden';
import type { Invoice, InvoiceLine, Subscription } from '../objects/wire';
import { declined, needsAction } from '../protocol/refusals';
import type { World } from '../world';
import { HOUR, MINUTE } from './calendar';
import { methodOf } from './charging';
import { draftInvoice, finalizeInvoice, voidInvoice } from './invoicing';
import { applyChange, type WorkedOut } from './item-changes';
import { firstPeriodOf } from './opening';
import { collect } from './standing';

export type ProrationBehavior = 'always_invoice' | 'create_prorations' | 'none';
export type PaymentBehavior =
  'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';

/** How long a pending update or a first payment is waited for. */
export const PATIENCE = 23 * HOUR;

export interface Manner {
  readonly proration: ProrationBehavior;
  readonly payment: PaymentBehavior;
  readonly prorationDate?: number;
  /** What a schedule or a renewal bills waits as a draft first. */
  readonly waitsAsDraft?: boolean;
}

/** Carries out what was worked out. @throws Refusal where the card declines and that is to be an error */
export function changeItems(world: World, subscription: Subscription, workedOut: WorkedOut, manner: Manner): void {
  const { change, startsAnew, lines } = workedOut;
  const isBilledNow = startsAnew || (manner.proration === 'always_invoice' && lines.length > 0);
  if (!isBilledNow) {
    world.notesOf(subscription.id).waitingLines.push(...lines);
    apply(world, subscription, change);
    return;
  }
  if (manner.payment === 'error_if_incomplete') refuseUnlessPayable(world, subscription);
  if (manner.payment === 'pending_if_incomplete') changeOncePaid(world, subscription, workedOut, manner);
  else changeAndBill(world, subscription, workedOut, manner);
}

function changeAndBill(world: World, subscription: Subscription, { change, lines }: WorkedOut, manner: Manner): void {
  const former = firstPeriodOf(subscription);
  let invoice: Invoice | undefined;
  world.change(subscription, 'customer.subscription.updated', () => {
    applyChange(subscription, change);
    invoice = billChange(world, subscription, { lines, since: former.start, manner });
  });
  if (invoice === undefined || manner.waitsAsDraft === true) return;
  finalizeInvoice(world, invoice);
  if (invoice.status === 'open' && manner.payment !== 'default_incomplete') collect(world, invoice);
}

/** The items change only when the invoice is paid; until then the change is pending. */
function changeOncePaid(world: World, subscription: Subscription, { change, lines }: WorkedOut, manner: Manner): void {
  dropPending(world, subscription);
  const { start } = firstPeriodOf(subscription);
  const before = subscription.latest_invoice;
  const invoice = billChange(world, subscription, { lines, since: start, manner });
  finalizeInvoice(world, invoice);
  const notes = world.notesOf(subscription.id);
  if (invoice.status === 'paid') {
    apply(world, subscription, change);
    return;
  }
  notes.pendingChange = { invoice: invoice.id, change };
  if (collect(world, invoice) === 'paid') return;
  subscription.latest_invoice = before;
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.latest_invoice = invoice.id;
    subscription.pending_update = pendingUpdate(change, expiryOf(world, subscription));
  });
}

interface Bill {
  readonly lines: readonly InvoiceLine[];
  readonly since: number;
  readonly manner: Manner;
}

function billChange(world: World, subscription: Subscription, { lines, since, manner }: Bill): Invoice {
  const notes = world.notesOf(subscription.id);
  const waiting = notes.waitingLines;
  notes.waitingLines = [];
  return draftInvoice(world, {
    subscription,
    reason: 'subscription_update',
    lines: [...waiting, ...lines],
    period: { start: since, end: world.now },
    finalizesAt: manner.waitsAsDraft === true ? world.now + world.habits.draftMinutes * MINUTE : null,
    ...(manner.prorationDate !== undefined && { prorationDate: manner.prorationDate }),
  });
}

function apply(world: World, subscription: Subscription, change: ItemChange): void {
  world.change(subscription, 'customer.subscription.updated', () => applyChange(subscription, change));
}

function refuseUnlessPayable(world: World, subscription: Subscription): void {
  const method = methodOf(world, subscription);
  const behavior = (method && world.cards.get(method.id)) ?? 'declines';
  if (behavior === 'declines') throw declined();
  if (behavior === 'requires_action') throw needsAction();
}

function pendingUpdate(change: ItemChange, expiresAt: number): NonNullable<Subscription['pending_update']> {
  return {
    billing_cycle_anchor: change.anchor,
    cancel_at_period_end: change.cancelsAtPeriodEnd ?? null,
    discount: null,
    discounts: null,
    expires_at: expiresAt,
    metadata: change.metadata ? { ...change.metadata } : null,
    subscription_items: change.items.map((item) => structuredClone(item)),
    trial_end: change.endsTrial === true ? change.anchor : null,
    trial_from_plan: null,
  };
}

/** At the latest with the period, which is the trial while there is one. */
const expiryOf = (world: World, subscription: Subscription): number =>
  Math.min(world.now + PATIENCE, firstPeriodOf(subscription).end);

/** Nobody paid in time: the subscription stays as it is. */
export function expirePending(world: World, subscription: Subscription): void {
  dropPending(world, subscription);
  world.tell('customer.subscription.pending_update_expired', subscription);
}

/** A change that is still pending gives way, and its invoice with it. */
function dropPending(world: World, subscription: Subscription): void {
  const notes = world.notesOf(subscription.id);
  const invoice = world.find('invoice', notes.pendingChange?.invoice);
  delete notes.pendingChange;
  if (invoice?.status === 'open') voidInvoice(world, invoice);
  world.change(subscription, 'customer.subscription.updated', () => (subscription.pending_update = null));
}
