import { newInvoice, type NewInvoice } from '../objects/invoices';
import type { Customer, Invoice, Subscription } from '../objects/wire';
import type { World } from '../world';

/** The subscription an invoice belongs to. */
export function subscriptionOf(world: World, invoice: Invoice): Subscription | undefined {
  return world.find('subscription', invoice.parent?.subscription_details?.subscription);
}

export function customerOf(world: World, holder: { readonly customer: string | null }): Customer | undefined {
  return world.find('customer', holder.customer);
}

/** Writes an invoice that is a draft at first, and makes it the subscription's latest one. */
export function draftInvoice(world: World, invoice: Omit<NewInvoice, 'customer'>): Invoice {
  const { subscription } = invoice;
  const customer = world.customer(subscription.customer);
  const draft = world.add('invoice', newInvoice(world, { ...invoice, customer }), 'invoice.created');
  subscription.latest_invoice = draft.id;
  return draft;
}

/** Takes the customer's credit and opens the invoice; one without anything due is paid at once. */
export function finalizeInvoice(world: World, invoice: Invoice): void {
  const customer = customerOf(world, invoice);
  if (customer !== undefined) useBalance(world, customer, invoice);
  world.change(invoice, undefined, () => {
    invoice.status = 'open';
    invoice.automatically_finalizes_at = null;
    invoice.next_payment_attempt = null;
    invoice.effective_at = world.now;
    invoice.status_transitions.finalized_at = world.now;
    invoice.number = `${customer?.invoice_prefix ?? 'NOBODY'}-${String(customer?.next_invoice_sequence ?? 1).padStart(4, '0')}`;
    invoice.hosted_invoice_url = `${world.baseUrl}/i/${invoice.id}`;
    invoice.invoice_pdf = `${world.baseUrl}/i/${invoice.id}/pdf`;
  });
  if (customer?.next_invoice_sequence !== undefined) customer.next_invoice_sequence += 1;
  world.tell('invoice.finalized', invoice);
  if (invoice.amount_due === 0) markPaid(world, invoice, 0);
}

function useBalance(world: World, customer: Customer, invoice: Invoice): void {
  const credit = Math.min(customer.balance, 0);
  const due = Math.max(invoice.total + credit, 0);
  const rest = Math.min(invoice.total + credit, 0) + Math.max(customer.balance, 0);
  invoice.starting_balance = customer.balance;
  invoice.amount_due = due;
  invoice.amount_remaining = due;
  invoice.ending_balance = rest;
  world.change(customer, 'customer.updated', () => (customer.balance = rest));
}

export function markPaid(world: World, invoice: Invoice, amount: number): void {
  world.change(invoice, undefined, () => {
    invoice.status = 'paid';
    invoice.attempted = true;
    invoice.auto_advance = false;
    invoice.amount_paid = amount;
    invoice.amount_remaining = 0;
    invoice.next_payment_attempt = null;
    invoice.status_transitions.paid_at = world.now;
  });
  const customer = customerOf(world, invoice);
  if (customer?.delinquent === true && amount > 0) {
    world.change(customer, 'customer.updated', () => (customer.delinquent = false));
  }
  world.tell('invoice.paid', invoice);
  world.tell('invoice.payment_succeeded', invoice);
}

export function voidInvoice(world: World, invoice: Invoice): void {
  world.change(invoice, undefined, () => {
    invoice.status = 'void';
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
    invoice.status_transitions.voided_at = world.now;
  });
  world.tell('invoice.voided', invoice);
}

/** Nobody tries to collect it by itself any more. */
export function stopCollecting(world: World, invoice: Invoice): void {
  world.change(invoice, 'invoice.updated', () => {
    invoice.auto_advance = false;
    invoice.automatically_finalizes_at = null;
    invoice.next_payment_attempt = null;
  });
}
