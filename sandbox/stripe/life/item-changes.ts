import { planOf } from '../objects/catalog';
import type { ItemChange } from '../objects/hidden';
import { newItem } from '../objects/subscriptions';
import type { InvoiceLine, Price, Subscription, SubscriptionItem } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { type Period, periodAround, type Recurrence } from './calendar';
import { amountOf, creditLine, debitLine, fullLine, periodOf } from './lines';

/** One entry of `items` in an update. */
export interface ItemParams {
  readonly id?: string;
  readonly price?: string;
  readonly quantity?: number;
  readonly deleted?: boolean;
  readonly metadata?: Readonly<Record<string, string>> | '';
}

/** A change worked out, and nothing done yet. */
export interface WorkedOut {
  readonly change: ItemChange;
  /** Whether the anchor moves to now, which bills the new period at once. */
  readonly startsAnew: boolean;
  readonly lines: readonly InvoiceLine[];
}

export interface Wish {
  readonly items?: readonly ItemParams[];
  readonly prorates: boolean;
  readonly prorationDate?: number;
  readonly resetsAnchor?: boolean;
  /** What follows the trial is billed whole: nothing was paid that could be given back. */
  readonly endsTrial?: boolean;
}

export function recurrenceOf(price: Price): Recurrence {
  if (price.recurring === null) throw invalid('The price must be recurring.', 'items[0][price]');
  return price.recurring as Recurrence;
}

/** The items, periods and lines of a change. @throws Refusal for items or prices that don't exist */
export function workOut(world: World, subscription: Subscription, wish: Wish): WorkedOut {
  const before = subscription.items.data;
  const chosen = choose(world, subscription, wish.items ?? []);
  const endsTrial = wish.endsTrial === true;
  const isTrial = subscription.status === 'trialing' && !endsTrial;
  const startsAnew = endsTrial || (!isTrial && (wish.resetsAnchor === true || startsNewCycle(before, chosen)));
  const anchor = startsAnew ? world.now : subscription.billing_cycle_anchor;
  const items = chosen.map((item) => (startsAnew ? within(item, freshPeriod(item, world.now)) : item));
  if (isTrial) return { change: { items, anchor }, startsAnew, lines: [] };
  const lines = linesOf(world, subscription, { wish, items, startsAnew });
  return {
    change: { items, anchor, ...(endsTrial && { endsTrial }) },
    startsAnew,
    lines: lines.filter(({ amount, parent }) => amount !== 0 || !isProration(parent)),
  };
}

interface Outcome {
  readonly wish: Wish;
  readonly items: readonly SubscriptionItem[];
  readonly startsAnew: boolean;
}

/** What is given back of what was paid and changes, and what is charged for it. */
function linesOf(world: World, subscription: Subscription, { wish, items, startsAnew }: Outcome): InvoiceLine[] {
  const before = subscription.items.data;
  const moment = wish.prorationDate ?? world.now;
  const isIn = (some: readonly SubscriptionItem[], item: SubscriptionItem): boolean =>
    some.some((other) => other.id === item.id && isSame(other, item));
  const gone = before.filter((item) => startsAnew || !isIn(items, item));
  const changed = items.filter((item) => startsAnew || !isIn(before, item));
  const givesBack = wish.prorates && wish.endsTrial !== true;
  const credits = givesBack ? gone.map((item) => creditLine(world, subscription, { item, moment })) : [];
  const debits = changed.flatMap((item) => {
    if (startsAnew) return [fullLine(world, subscription, item)];
    return wish.prorates ? [debitLine(world, subscription, { item, moment })] : [];
  });
  return [...credits, ...debits];
}

const isProration = (parent: InvoiceLine['parent']): boolean => parent?.subscription_item_details?.proration === true;

/** The items as they would be, in the period that runs. An entry without an id adds one. */
function choose(world: World, subscription: Subscription, params: readonly ItemParams[]): readonly SubscriptionItem[] {
  const items = subscription.items.data.map((item) => structuredClone(item));
  const period = items[0] === undefined ? undefined : periodOf(items[0]);
  params.forEach((entry, position) => {
    const path = `items[${position}]`;
    const price = entry.price === undefined ? undefined : usablePrice(world, entry.price, `${path}[price]`);
    const item = items.find((other) => other.id === entry.id);
    if (entry.id !== undefined && item === undefined)
      throw invalid(`No such subscription item: '${entry.id}'`, `${path}[id]`, 'resource_missing');
    if (item !== undefined) Object.assign(item, edited(item, price, entry.quantity));
    else items.push(added(world, { subscription, price, period, path }, entry.quantity ?? 1));
  });
  const deleted = new Set(params.filter((entry) => entry.deleted === true).map((entry) => entry.id));
  const kept = items.filter((item) => !deleted.has(item.id));
  if (kept.length === 0) throw invalid('A subscription must have at least one active plan.', 'items');
  refuseDoubles(kept);
  return kept;
}

function edited(
  item: SubscriptionItem,
  price: Price | undefined,
  quantity: number | undefined,
): Partial<SubscriptionItem> {
  return {
    ...(price !== undefined && { price: structuredClone(price), plan: planOf(price) }),
    quantity: quantity ?? item.quantity ?? 1,
  };
}

interface Place {
  readonly subscription: Subscription;
  readonly price: Price | undefined;
  readonly period: Period | undefined;
  readonly path: string;
}

function added(world: World, { subscription, price, period, path }: Place, quantity: number): SubscriptionItem {
  if (price === undefined || period === undefined)
    throw invalid('Missing required param: price.', `${path}[price]`, 'parameter_missing');
  return newItem(world, { subscription: subscription.id, price, quantity, period });
}

function refuseDoubles(items: readonly SubscriptionItem[]): void {
  const [first] = items;
  for (const item of items) {
    if (items.some((other) => other !== item && other.price.id === item.price.id)) {
      throw invalid(`Cannot add multiple subscription items with the same plan: ${item.price.id}`, 'items');
    }
    const isAlike = first !== undefined && hasSameCycle(item, first);
    if (!isAlike) throw invalid('All prices of a subscription must have the same billing interval here.', 'items');
  }
}

/** @throws Refusal for a price that is unknown, inactive or not recurring */
export function usablePrice(world: World, id: string, param: string): Price {
  const price = world.get('price', id, param);
  if (!price.active) throw invalid(`The price specified is inactive. This field only accepts active prices.`, param);
  if (price.recurring === null) {
    throw invalid(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      param,
    );
  }
  return price;
}

const hasSameCycle = (one: SubscriptionItem, other: SubscriptionItem): boolean =>
  one.price.recurring?.interval === other.price.recurring?.interval &&
  one.price.recurring?.interval_count === other.price.recurring?.interval_count;

const isSame = (one: SubscriptionItem, other: SubscriptionItem): boolean =>
  one.price.id === other.price.id && one.quantity === other.quantity;

/** Another interval, or from free to paid. */
function startsNewCycle(before: readonly SubscriptionItem[], after: readonly SubscriptionItem[]): boolean {
  const [former, later] = [before[0], after[0]];
  if (former !== undefined && later !== undefined && !hasSameCycle(former, later)) return true;
  const total = (items: readonly SubscriptionItem[]): number => items.reduce((sum, item) => sum + amountOf(item), 0);
  return total(before) === 0 && total(after) > 0;
}

export function freshPeriod(item: SubscriptionItem, anchor: number): Period {
  return periodAround(anchor, recurrenceOf(item.price), anchor);
}

export function within(item: SubscriptionItem, { start, end }: Period): SubscriptionItem {
  return { ...item, current_period_start: start, current_period_end: end };
}

/** Puts a change into effect, without telling. */
export function applyChange(subscription: Subscription, change: ItemChange): void {
  subscription.items.data = change.items.map((item) => structuredClone(item));
  subscription.billing_cycle_anchor = change.anchor;
  if (change.metadata !== undefined) subscription.metadata = { ...change.metadata };
  if (change.endsTrial === true) {
    subscription.status = 'active';
    subscription.trial_end = change.anchor;
  }
  const endsBefore = subscription.cancel_at_period_end;
  subscription.cancel_at_period_end = change.cancelsAtPeriodEnd ?? endsBefore;
  if (subscription.cancel_at_period_end) subscription.cancel_at = change.items[0]?.current_period_end ?? null;
  else if (change.cancelsAtPeriodEnd === false) subscription.cancel_at = null;
}
