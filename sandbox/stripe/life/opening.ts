import type { CardBehavior } from '../objects/hidden';
import { newItem, newSubscription } from '../objects/subscriptions';
import type { Customer, Invoice, Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { DAY, periodAround } from './calendar';
import { draftInvoice, finalizeInvoice } from './invoicing';
import { recurrenceOf, usablePrice } from './item-changes';
import { fullLine, periodOf, trialLine } from './lines';
import { collect } from './standing';

export interface Opening {
  readonly customer: Customer;
  readonly items: readonly { readonly price: string; readonly quantity: number }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly paymentMethod: string | null;
  /** Seconds; null: no trial. */
  readonly trialEnd: number | null;
  readonly missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  readonly billingMode: 'classic' | 'flexible';
  /** `wait`: the first invoice stays open until somebody pays it. */
  readonly payment: 'charge' | 'wait' | CardBehavior;
}

const TRIAL_WARNING = 3 * DAY;

/** A new subscription with its first invoice, charged at once unless it is free or on trial. */
export function openSubscription(world: World, opening: Opening): Subscription {
  const subscription = compose(world, opening);
  const { customer } = opening;
  customer.currency ??= subscription.currency;
  const isTrial = opening.trialEnd !== null;
  const lines = subscription.items.data.map((item) =>
    isTrial ? trialLine(world, subscription, item) : fullLine(world, subscription, item),
  );
  const isFree = lines.every((line) => line.amount === 0);
  subscription.status = isTrial ? 'trialing' : isFree ? 'active' : 'incomplete';
  world.add('subscription', subscription);
  const invoice = firstInvoice(world, subscription, lines);
  world.tell('customer.subscription.created', subscription);
  warnOfShortTrial(world, subscription);
  finalizeInvoice(world, invoice);
  if (!isFree && !isTrial) payFirst(world, invoice, opening.payment);
  return subscription;
}

function firstInvoice(
  world: World,
  subscription: Subscription,
  lines: readonly ReturnType<typeof fullLine>[],
): Invoice {
  return draftInvoice(world, {
    subscription,
    reason: 'subscription_create',
    lines,
    period: { start: world.now, end: world.now },
    finalizesAt: null,
  });
}

function payFirst(world: World, invoice: Invoice, payment: Opening['payment']): void {
  if (payment === 'wait') return;
  collect(world, invoice, payment === 'charge' ? undefined : payment);
}

/** @throws Refusal where prices don't go together */
function compose(world: World, opening: Opening): Subscription {
  const prices = opening.items.map(({ price }, position) => usablePrice(world, price, `items[${position}][price]`));
  const [first] = prices;
  if (first === undefined) throw invalid('Missing required param: items.', 'items', 'parameter_missing');
  const id = world.ids.next('sub', 24);
  const anchor = opening.trialEnd ?? world.now;
  const period =
    opening.trialEnd === null
      ? periodAround(anchor, recurrenceOf(first), anchor)
      : { start: world.now, end: opening.trialEnd };
  const items = opening.items.map(({ quantity }, position) =>
    newItem(world, { subscription: id, price: prices[position] ?? first, quantity, period }),
  );
  return newSubscription(world, {
    ...opening,
    id,
    customer: opening.customer.id,
    items,
    status: 'incomplete',
    anchor,
    currency: first.currency,
  });
}

/** A trial that is shorter than the warning is warned of at once. */
function warnOfShortTrial(world: World, subscription: Subscription): void {
  if (subscription.trial_end === null || subscription.trial_end - world.now > TRIAL_WARNING) return;
  world.notesOf(subscription.id).trialEndTold = true;
  world.tell('customer.subscription.trial_will_end', subscription);
}

/** When the end of its trial is announced. */
export const trialWarningAt = (subscription: Subscription): number => (subscription.trial_end ?? 0) - TRIAL_WARNING;

export const firstPeriodOf = (subscription: Subscription): { start: number; end: number } => {
  const [item] = subscription.items.data;
  return item === undefined ? { start: 0, end: 0 } : periodOf(item);
};
