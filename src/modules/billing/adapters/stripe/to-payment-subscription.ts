import type Stripe from 'stripe';
import type { PaymentItem, PaymentSubscription } from '../../domain/payment-subscription';
import { takenBack } from './interrupted-change';
import { userIdIn } from './metadata';

/** What a subscription is read with; in a list each begins with `data.`. */
export const EXPANDED = ['schedule', 'latest_invoice', 'default_payment_method'];

/** What has to be asked for besides. */
export interface Besides {
  /** All of them: the subscription itself holds only the first ten. */
  readonly items: readonly Stripe.SubscriptionItem[];
  /** Of the subscription, or else of its customer. */
  readonly method: Stripe.PaymentMethod | undefined;
  /** As found among its invoices. */
  readonly owedSince: Date | null;
}

const END_REASONS: ReadonlyMap<string, PaymentSubscription['endReason']> = new Map([
  ['cancellation_requested', 'requested'],
  ['payment_failed', 'payment-failed'],
  ['payment_disputed', 'disputed'],
]);

/** Unix time, in seconds, is what Stripe counts in. */
export function toDate(seconds: number): Date {
  return new Date(seconds * 1_000);
}

/** Translates a subscription that was read with EXPANDED. Total: what Stripe may add later changes nothing here. */
export function toPaymentSubscription(
  subscription: Stripe.Subscription,
  { items, method, owedSince }: Besides,
): PaymentSubscription {
  const ours = items.map(toItem);
  const reason = subscription.cancellation_details?.reason ?? '';
  return {
    id: subscription.id,
    customerId: idOf(subscription.customer),
    userId: userIdIn(subscription.metadata),
    rawStatus: subscription.status,
    items: ours,
    nextPriceId: nextPriceOf(subscription, ours),
    createdAt: toDate(subscription.created),
    trialStart: subscription.trial_start === null ? null : toDate(subscription.trial_start),
    endsAt: endOf(subscription, ours),
    endReason: subscription.ended_at === null ? null : (END_REASONS.get(reason) ?? null),
    freeFollows: subscription.metadata['free_follows'] === 'true',
    owedSince,
    paymentMethod: method ? labelOf(method) : null,
    ...(subscription.ended_at === null && takenBack(subscription) && { hasUnfinishedChange: true }),
    ...(subscription.pending_update !== null && { hasOpenChange: true }),
  };
}

/** The object itself, when it was expanded. */
export function expanded<T extends object>(value: string | T | null | undefined): T | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

export function idOf(value: string | { readonly id: string }): string {
  return typeof value === 'string' ? value : value.id;
}

function toItem({ price, current_period_start, current_period_end }: Stripe.SubscriptionItem): PaymentItem {
  return { priceId: price.id, period: { start: toDate(current_period_start), end: toDate(current_period_end) } };
}

/** A phase that is under way has already changed the items: only one after it is still to come. */
function nextPriceOf(subscription: Stripe.Subscription, items: readonly PaymentItem[]): string | null {
  const schedule = expanded(subscription.schedule);
  if (schedule === undefined || subscription.ended_at !== null) return null;
  const from = schedule.current_phase?.end_date ?? 0;
  const next = schedule.phases.find(({ start_date }) => start_date >= from);
  const prices = (next?.items ?? []).map(({ price }) => idOf(price));
  return prices.find((priceId) => !items.some((item) => item.priceId === priceId)) ?? null;
}

/** The portal sets only `cancel_at`, the dashboard and we `cancel_at_period_end`: each alone means that it ends. */
function endOf(subscription: Stripe.Subscription, items: readonly PaymentItem[]): Date | null {
  const told = subscription.ended_at ?? subscription.cancel_at;
  if (told !== null) return toDate(told);
  if (!subscription.cancel_at_period_end) return null;
  const ends = items.map(({ period }) => period.end.getTime());
  return ends.length === 0 ? null : new Date(Math.max(...ends));
}

function labelOf({ card, type }: Stripe.PaymentMethod): string {
  return card ? `${card.brand} ${card.last4}` : type.replaceAll('_', ' ');
}
