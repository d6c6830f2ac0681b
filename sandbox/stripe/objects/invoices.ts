import type { Period } from '../life/calendar';
import type { World } from '../world';
import { INVOICE_DEFAULTS } from './defaults';
import { type Customer, type Invoice, type InvoiceLine, list, type Subscription, type SubscriptionItem } from './wire';

export interface NewLine {
  readonly subscription: Subscription;
  readonly item: SubscriptionItem;
  readonly period: Period;
  readonly amount: number;
  readonly description: string;
  readonly isProration: boolean;
}

export function newLine(
  world: World,
  { subscription, item, period, amount, description, isProration }: NewLine,
): InvoiceLine {
  return {
    id: world.ids.next('il', 24),
    object: 'line_item',
    amount,
    currency: subscription.currency,
    description,
    discount_amounts: [],
    discountable: !isProration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: { ...subscription.metadata },
    parent: lineParent(world, { subscription, item, isProration }),
    period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: item.price.id, product: item.price.product },
      type: 'price_details',
      unit_amount_decimal: item.price.unit_amount_decimal,
    },
    quantity: item.quantity ?? 1,
    quantity_decimal: String(item.quantity ?? 1),
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
  };
}

function lineParent(
  world: World,
  { subscription, item, isProration }: Pick<NewLine, 'subscription' | 'item' | 'isProration'>,
): InvoiceLine['parent'] {
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: isProration ? world.ids.next('ii', 24) : null,
      proration: isProration,
      proration_details: isProration ? { credited_items: null } : null,
      subscription: subscription.id,
      subscription_item: item.id,
    },
    type: 'subscription_item_details',
  };
}

export interface NewInvoice {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'upcoming';
  readonly lines: readonly InvoiceLine[];
  readonly period: Period;
  /** Null: nobody finalizes it by itself. */
  readonly finalizesAt: number | null;
  readonly prorationDate?: number;
}

/** A draft; what is owed is known from its lines and the customer's balance. */
export function newInvoice(world: World, invoice: NewInvoice): Invoice {
  const { customer, subscription, reason, period, finalizesAt } = invoice;
  const id = reason === 'upcoming' ? world.ids.next('upcoming_in', 24) : world.ids.next('in', 24);
  const lines = invoice.lines.map((line) => ({ ...line, invoice: id }));
  return {
    ...structuredClone(INVOICE_DEFAULTS),
    ...amounts(lines, customer.balance),
    id,
    object: 'invoice',
    attempt_count: 0,
    attempted: false,
    auto_advance: finalizesAt !== null,
    automatically_finalizes_at: finalizesAt,
    billing_reason: reason,
    created: world.now,
    currency: subscription.currency,
    customer: customer.id,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    default_payment_method: null,
    effective_at: null,
    ending_balance: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: list(lines, `/v1/invoices/${id}/lines`),
    next_payment_attempt: finalizesAt,
    number: null,
    parent: invoiceParent(invoice),
    period_end: period.end,
    period_start: period.start,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    webhooks_delivered_at: null,
  };
}

function invoiceParent({ subscription, prorationDate }: NewInvoice): Invoice['parent'] {
  return {
    quote_details: null,
    subscription_details: {
      metadata: { ...subscription.metadata },
      subscription: subscription.id,
      ...(prorationDate !== undefined && { subscription_proration_date: prorationDate }),
    },
    type: 'subscription_details',
  };
}

interface Amounts {
  amount_due: number;
  amount_paid: number;
  amount_remaining: number;
  starting_balance: number;
  subtotal: number;
  subtotal_excluding_tax: number;
  total: number;
  total_excluding_tax: number;
}

/** A negative balance is credit: it pays first. A negative total becomes credit, and nothing is due. */
function amounts(lines: readonly InvoiceLine[], balance: number): Amounts {
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const due = Math.max(total + Math.min(balance, 0), 0);
  return {
    amount_due: due,
    amount_paid: 0,
    amount_remaining: due,
    starting_balance: balance,
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  };
}
