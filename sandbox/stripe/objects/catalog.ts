import type { World } from '../world';
import type { Plan, Price, Product, RecurringInterval } from './wire';

export interface NewProduct {
  readonly id?: string;
  readonly name: string;
  readonly active?: boolean;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly features?: readonly string[];
}

export function newProduct(world: World, product: NewProduct): Product {
  return {
    id: product.id ?? world.ids.next('prod'),
    object: 'product',
    active: product.active ?? true,
    created: world.now,
    default_price: null,
    description: product.description ?? null,
    images: [],
    livemode: false,
    marketing_features: (product.features ?? []).map((name) => ({ name })),
    metadata: { ...product.metadata },
    name: product.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: world.now,
    url: null,
  };
}

export interface NewPrice {
  readonly product: string;
  readonly currency: string;
  readonly amount: number;
  readonly recurring?: { readonly interval: RecurringInterval; readonly count?: number };
  readonly lookupKey?: string;
  readonly nickname?: string;
  readonly active?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly taxBehavior?: string;
}

export function newPrice(world: World, price: NewPrice): Price {
  const { recurring } = price;
  return {
    id: world.ids.next('price', 24),
    object: 'price',
    active: price.active ?? true,
    billing_scheme: 'per_unit',
    created: world.now,
    currency: price.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: price.lookupKey ?? null,
    metadata: { ...price.metadata },
    nickname: price.nickname ?? null,
    product: price.product,
    recurring: recurring
      ? {
          interval: recurring.interval,
          interval_count: recurring.count ?? 1,
          meter: null,
          trial_period_days: null,
          usage_type: 'licensed',
        }
      : null,
    tax_behavior: price.taxBehavior ?? 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: price.amount,
    unit_amount_decimal: String(price.amount),
  };
}

/** The old form of a recurring price, which items still carry. */
export function planOf(price: Price): Plan {
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? 'month',
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: 'licensed',
  };
}
