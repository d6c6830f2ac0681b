import type Stripe from 'stripe';

/**
 * A published object as its JSON looks: decimals are texts, and what may be expanded is the id alone. Everything that
 * Stripe always sends has to be there, or it doesn't compile.
 */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? WireField<Item>[]
    : T extends object
      ? { [Key in keyof T]: WireField<T[Key]> }
      : T;

type WireField<Value> = string extends Value ? Extract<Value, string | null | undefined> : Wire<Value>;

export type Product = Wire<Stripe.Product>;
export type Price = Wire<Stripe.Price>;
export type Plan = Wire<Stripe.Plan>;
export type Customer = Wire<Stripe.Customer>;
export type PaymentMethod = Wire<Stripe.PaymentMethod>;
export type Session = Wire<Stripe.Checkout.Session>;
export type SessionLine = Wire<Stripe.LineItem>;
export type Subscription = Wire<Stripe.Subscription>;
export type SubscriptionItem = Wire<Stripe.SubscriptionItem>;
export type Schedule = Wire<Stripe.SubscriptionSchedule>;
export type Phase = Wire<Stripe.SubscriptionSchedule.Phase>;
export type Invoice = Wire<Stripe.Invoice>;
export type InvoiceLine = Wire<Stripe.InvoiceLineItem>;
export type InvoicePayment = Wire<Stripe.InvoicePayment>;
export type Configuration = Wire<Stripe.BillingPortal.Configuration>;
export type PortalSession = Wire<Stripe.BillingPortal.Session>;
export type Endpoint = Wire<Stripe.WebhookEndpoint>;
export type EventType = Stripe.Event.Type;
export type RecurringInterval = 'day' | 'week' | 'month' | 'year';

export interface SandboxEvent {
  readonly id: string;
  readonly object: 'event';
  readonly api_version: string | null;
  /** Whole seconds. */
  readonly created: number;
  readonly data: { readonly object: Record<string, unknown>; readonly previous_attributes?: Record<string, unknown> };
  readonly livemode: boolean;
  pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null } | null;
  readonly type: EventType;
}

/** Everything that has an id, by the name in its `object`. */
export interface Kinds {
  product: Product;
  price: Price;
  customer: Customer;
  payment_method: PaymentMethod;
  'checkout.session': Session;
  subscription: Subscription;
  subscription_schedule: Schedule;
  invoice: Invoice;
  'billing_portal.configuration': Configuration;
  'billing_portal.session': PortalSession;
  webhook_endpoint: Endpoint;
}

export type Kind = keyof Kinds;
export type AnyObject = Kinds[Kind];

export interface List<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

export function list<Item>(data: Item[], url: string): List<Item> {
  return { object: 'list', data, has_more: false, url };
}
