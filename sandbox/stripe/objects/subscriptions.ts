import type { Period } from '../life/calendar';
import type { World } from '../world';
import { planOf } from './catalog';
import { FLEXIBLE, SUBSCRIPTION_DEFAULTS } from './defaults';
import { list, type Price, type Subscription, type SubscriptionItem } from './wire';

export interface NewItem {
  readonly subscription: string;
  readonly price: Price;
  readonly quantity: number;
  readonly period: Period;
}

export function newItem(world: World, { subscription, price, quantity, period }: NewItem): SubscriptionItem {
  return {
    id: world.ids.next('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: world.now,
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price: structuredClone(price),
    quantity,
    subscription,
    tax_rates: [],
  };
}

export interface NewSubscription {
  readonly id: string;
  readonly customer: string;
  readonly items: SubscriptionItem[];
  readonly status: string;
  readonly anchor: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly paymentMethod: string | null;
  readonly trialEnd: number | null;
  readonly missingPaymentMethod: 'cancel' | 'create_invoice' | 'pause';
  readonly billingMode: 'classic' | 'flexible';
}

export function newSubscription(world: World, subscription: NewSubscription): Subscription {
  const { id, customer, items, status, anchor, currency, description, trialEnd } = subscription;
  return {
    ...structuredClone(SUBSCRIPTION_DEFAULTS),
    id,
    object: 'subscription',
    billing_cycle_anchor: anchor,
    billing_mode: subscription.billingMode === 'flexible' ? FLEXIBLE : { flexible: null, type: 'classic' },
    created: world.now,
    currency,
    customer,
    default_payment_method: subscription.paymentMethod,
    description,
    items: list(items, `/v1/subscription_items?subscription=${id}`),
    metadata: { ...subscription.metadata },
    start_date: world.now,
    status,
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: subscription.missingPaymentMethod },
    },
    trial_start: trialEnd === null ? null : world.now,
  };
}
