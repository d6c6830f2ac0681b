import { monthContaining, monthFrom, type Period } from '../../domain/period';
import { monthsPaidAt } from './local-price';
import type { LocalCheckout, LocalSubscription } from './local-records.schemas';

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;
/** An invoice that stays owed for so long ends the subscription. */
const DUNNING_MS = 21 * MS_PER_DAY;
/** A change that is not paid in this time is dropped. */
const OPEN_CHANGE_MS = 23 * MS_PER_HOUR;

/** A subscription that begins now: with its trial, or paid. */
export function begin(id: string, checkout: LocalCheckout, now: Date): LocalSubscription {
  const { customerId, userId, priceId, trialDays } = checkout;
  const trial = { start: now, end: new Date(now.getTime() + trialDays * MS_PER_DAY) };
  return {
    id,
    customerId,
    userId,
    rawStatus: trialDays > 0 ? 'trialing' : 'active',
    priceId,
    period: trialDays > 0 ? trial : paidPeriod(now, now, priceId),
    anchor: now,
    nextPriceId: null,
    openChange: null,
    createdAt: now,
    trialStart: trialDays > 0 ? now : null,
    endsAt: null,
    endReason: null,
    freeFollows: false,
    owedSince: null,
    payments: trialDays > 0 ? [] : [now],
    operations: [],
    revision: 0,
  };
}

/** The subscription after everything that time alone has done to it. */
export function settle(subscription: LocalSubscription, now: Date, cardWorks: boolean): LocalSubscription {
  const { openChange } = subscription;
  const isDropped = openChange !== null && openChange.expiresAt <= now;
  let current = isDropped ? { ...subscription, openChange: null } : subscription;
  for (;;) {
    const next = nextStep(current, now, cardWorks);
    if (!next) return current;
    current = next;
  }
}

function nextStep(subscription: LocalSubscription, now: Date, cardWorks: boolean): LocalSubscription | undefined {
  const { rawStatus, owedSince, period } = subscription;
  if (rawStatus === 'canceled') return undefined;
  const givenUpAt = owedSince && new Date(owedSince.getTime() + DUNNING_MS);
  if (givenUpAt && givenUpAt <= now) return end(subscription, givenUpAt, 'payment-failed');
  return period.end <= now ? endPeriod(subscription, period.end, cardWorks) : undefined;
}

/** The period ends `at`: a cancellation takes effect, or the next period begins, at the price that was to follow. */
export function endPeriod(subscription: LocalSubscription, at: Date, isPaid: boolean): LocalSubscription {
  if (subscription.endsAt) return end(subscription, at, 'requested');
  const priceId = subscription.nextPriceId ?? subscription.priceId;
  const isOnTime = at.getTime() === subscription.period.end.getTime();
  const goesOn = isOnTime && subscription.rawStatus !== 'trialing' && isSameInterval(priceId, subscription.priceId);
  const anchor = goesOn ? subscription.anchor : at;
  return {
    ...subscription,
    rawStatus: isPaid ? 'active' : 'past_due',
    priceId,
    nextPriceId: null,
    openChange: null,
    anchor,
    period: paidPeriod(anchor, at, priceId),
    owedSince: isPaid ? null : (subscription.owedSince ?? at),
    payments: isPaid ? [...subscription.payments, at] : subscription.payments,
  };
}

/** Ends the subscription. One that has ended stays as it is. */
export function end(
  subscription: LocalSubscription,
  at: Date,
  endReason: 'requested' | 'payment-failed',
): LocalSubscription {
  if (subscription.rawStatus === 'canceled') return subscription;
  return { ...subscription, rawStatus: 'canceled', endsAt: at, endReason, nextPriceId: null, openChange: null };
}

/** Neither a cancellation nor a change is to come. */
export function goOn(subscription: LocalSubscription): LocalSubscription {
  return { ...subscription, endsAt: null, freeFollows: false, nextPriceId: null, openChange: null };
}

/** Cancels at the end of the period. */
export function cancelAtEnd(subscription: LocalSubscription, freeFollows: boolean): LocalSubscription {
  return { ...goOn(subscription), endsAt: subscription.period.end, freeFollows };
}

/** Another price from the next period on. */
export function changeAtEnd(subscription: LocalSubscription, priceId: string): LocalSubscription {
  return { ...goOn(subscription), nextPriceId: priceId === subscription.priceId ? null : priceId };
}

/**
 * Another price at once, or as soon as it is paid: until then a cancellation holds, and a trial goes on. Paid, it ends
 * the trial.
 */
export function changeAtOnce(
  subscription: LocalSubscription,
  priceId: string,
  now: Date,
  isPaid: boolean,
): LocalSubscription {
  if (priceId === subscription.priceId) return goOn(subscription);
  if (isPaid) return paid(withPrice(subscription, priceId, now), now);
  return { ...subscription, openChange: { priceId, expiresAt: new Date(now.getTime() + OPEN_CHANGE_MS) } };
}

/** The open change is paid. */
export function payOpenChange(subscription: LocalSubscription, now: Date): LocalSubscription {
  const { openChange } = subscription;
  return openChange ? paid(withPrice(subscription, openChange.priceId, now), now) : subscription;
}

/** What was owed is paid. */
export function payOwed(subscription: LocalSubscription, now: Date): LocalSubscription {
  if (subscription.rawStatus !== 'past_due') return subscription;
  return paid({ ...subscription, rawStatus: 'active', owedSince: null }, now);
}

function paid(subscription: LocalSubscription, at: Date): LocalSubscription {
  return { ...subscription, payments: [...subscription.payments, at] };
}

/**
 * Goes on at another price. The period stays, unless it was a trial, or paid for a month and now is for a year, or the
 * other way round.
 */
function withPrice(subscription: LocalSubscription, priceId: string, now: Date): LocalSubscription {
  const changed = { ...goOn(subscription), priceId };
  const isTrial = subscription.rawStatus === 'trialing';
  if (!isTrial && isSameInterval(priceId, subscription.priceId)) return changed;
  return { ...changed, ...(isTrial && { rawStatus: 'active' }), anchor: now, period: paidPeriod(now, now, priceId) };
}

function isSameInterval(one: string, other: string): boolean {
  return monthsPaidAt(one) === monthsPaidAt(other);
}

/** The period that is paid at `start`, one of the months that are counted from the anchor. */
function paidPeriod(anchor: Date, start: Date, priceId: string): Period {
  let month = monthFrom(anchor);
  while (month.start < start) month = monthContaining(month, month.end);
  for (let further = monthsPaidAt(priceId) - 1; further > 0; further -= 1) month = monthContaining(month, month.end);
  return { start, end: month.end };
}
