import type { Plan } from '../../domain/plan';

const CENTS = 100;
const PATTERN = /^local_price_([a-z]+)_(monthly|yearly)_(\d+)([a-z]{3})$/;

/** What a price's id says. */
export interface LocalPrice {
  readonly tier: string;
  readonly interval: 'monthly' | 'yearly';
  readonly cents: number;
  readonly currency: string;
}

/** The id says everything, so another amount is another price, and who bought at the earlier one keeps it. */
export function priceIdOf({ slug, interval, price, currency }: Plan): string {
  return `local_price_${slug}_${interval}_${Math.round(price * CENTS)}${currency}`;
}

/** Undefined for what is no price of ours. */
export function readPrice(priceId: string): LocalPrice | undefined {
  const [, tier, interval, cents, currency] = PATTERN.exec(priceId) ?? [];
  if (!tier || !currency) return undefined;
  return { tier, interval: interval === 'yearly' ? 'yearly' : 'monthly', cents: Number(cents), currency };
}

/** `Basic, 29.00 USD a month` */
export function describePrice(priceId: string): string {
  const price = readPrice(priceId);
  if (!price) return priceId;
  const { tier, interval, cents, currency } = price;
  const name = `${tier.slice(0, 1).toUpperCase()}${tier.slice(1)}`;
  return `${name}, ${(cents / CENTS).toFixed(2)} ${currency.toUpperCase()} a ${interval === 'yearly' ? 'year' : 'month'}`;
}

/** How many months one payment lasts. */
export function monthsPaidAt(priceId: string): number {
  return readPrice(priceId)?.interval === 'yearly' ? 12 : 1;
}
