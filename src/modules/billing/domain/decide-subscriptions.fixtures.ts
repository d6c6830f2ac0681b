import type { PaymentFacts } from './decide-subscriptions';
import type { PaidSubscription } from './paid-subscription';
import type { PaymentSubscription } from './payment-subscription';
import type { Plan } from './plan';
import { type Terms, UNCONFIRMED_DAYS } from './read-payment-subscription';

const DAY_MS = 86_400_000;
/** A day of March 2026. */
export const day = (number: number): Date => new Date(Date.UTC(2026, 2, 1) + (number - 1) * DAY_MS);

export const GRACE_DAYS = 7;

export function plan(slug: Plan['slug'], interval: Plan['interval'] = 'monthly'): Plan {
  return {
    id: `plan-${slug}-${interval}`,
    slug,
    name: slug,
    description: '',
    price: 10,
    currency: 'usd',
    interval,
    features: [],
    callLimit: 10,
    minutesLimit: 10,
    trialDays: 0,
  };
}

export const TERMS: Terms = {
  plans: new Map([
    ['price-basic', plan('basic')],
    ['price-basic-of-old', plan('basic')],
    ['price-business', plan('business')],
  ]),
  freePlanId: 'plan-free-monthly',
  graceMs: GRACE_DAYS * DAY_MS,
};

/** One that is paid for, March 1st to April 1st. */
export function atPaymentSide(changes: Partial<PaymentSubscription> = {}): PaymentSubscription {
  return {
    id: 'sub-1',
    customerId: 'customer-1',
    userId: 'user-1',
    rawStatus: 'active',
    items: [{ priceId: 'price-basic', period: { start: day(1), end: day(32) } }],
    nextPriceId: null,
    createdAt: day(1),
    trialStart: null,
    endsAt: null,
    endReason: null,
    freeFollows: false,
    owedSince: null,
    paymentMethod: 'visa 4242',
    ...changes,
  };
}

/** What is recorded of it. */
export function recorded(changes: Partial<PaidSubscription> = {}): PaidSubscription {
  return {
    paymentId: 'sub-1',
    planId: 'plan-basic-monthly',
    status: 'active',
    rawStatus: 'active',
    period: { start: day(1), end: day(32) },
    grantsUntil: day(32 + UNCONFIRMED_DAYS),
    nextPlanId: null,
    owedSince: null,
    cancelAtPeriodEnd: false,
    paymentMethod: 'visa 4242',
    ...changes,
  };
}

export function facts(changes: Partial<PaymentFacts> = {}): PaymentFacts {
  return { subscriptions: [], isDeleted: false, recorded: [], unpaidSince: null, terms: TERMS, ...changes };
}
