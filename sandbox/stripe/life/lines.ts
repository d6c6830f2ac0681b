import { newLine } from '../objects/invoices';
import type { InvoiceLine, Subscription, SubscriptionItem } from '../objects/wire';
import type { World } from '../world';
import type { Period } from './calendar';

export const amountOf = (item: SubscriptionItem): number => (item.price.unit_amount ?? 0) * (item.quantity ?? 1);

export const periodOf = (item: SubscriptionItem): Period => ({
  start: item.current_period_start,
  end: item.current_period_end,
});

/** The share of a period's amount that lies after the moment, to the second, in whole cents. */
export function unusedShare(amount: number, { start, end }: Period, moment: number): number {
  return Math.round((amount * Math.max(end - moment, 0)) / (end - start));
}

const money = (item: SubscriptionItem): string =>
  `$${((item.price.unit_amount ?? 0) / 100).toFixed(2)} / ${item.price.recurring?.interval ?? 'month'}`;

const nameOf = (world: World, item: SubscriptionItem): string =>
  world.find('product', item.price.product)?.name ?? item.price.product;

/** What a whole period costs. */
export function fullLine(world: World, subscription: Subscription, item: SubscriptionItem): InvoiceLine {
  return newLine(world, {
    subscription,
    item,
    period: periodOf(item),
    amount: amountOf(item),
    description: `${item.quantity ?? 1} × ${nameOf(world, item)} (at ${money(item)})`,
    isProration: false,
  });
}

export function trialLine(world: World, subscription: Subscription, item: SubscriptionItem): InvoiceLine {
  return newLine(world, {
    subscription,
    item,
    period: periodOf(item),
    amount: 0,
    description: `Trial period for ${nameOf(world, item)}`,
    isProration: false,
  });
}

/** Gives back what of the former item was paid and not used. */
export function creditLine(world: World, subscription: Subscription, { item, moment }: Part): InvoiceLine {
  const amount = -unusedShare(amountOf(item), periodOf(item), moment);
  return newLine(world, {
    subscription,
    item,
    period: { start: moment, end: item.current_period_end },
    amount: amount === 0 ? 0 : amount,
    description: `Unused time on ${nameOf(world, item)} after ${day(moment)}`,
    isProration: true,
  });
}

/** What the new item costs for the rest of the period. */
export function debitLine(world: World, subscription: Subscription, { item, moment }: Part): InvoiceLine {
  return newLine(world, {
    subscription,
    item,
    period: { start: moment, end: item.current_period_end },
    amount: unusedShare(amountOf(item), periodOf(item), moment),
    description: `Remaining time on ${nameOf(world, item)} after ${day(moment)}`,
    isProration: true,
  });
}

interface Part {
  readonly item: SubscriptionItem;
  readonly moment: number;
}

const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
