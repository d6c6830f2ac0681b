import type { CardBehavior } from '../objects/hidden';
import { addCard, newCustomer } from '../objects/people';
import type { Customer, Session, Subscription } from '../objects/wire';
import { invalid } from '../protocol/refusals';
import type { World } from '../world';
import { DAY } from './calendar';
import { openSubscription } from './opening';
import { collect } from './standing';

export interface Payment {
  readonly card: CardBehavior | 'none';
  /** The money comes later, or not at all. */
  readonly isDelayed: boolean;
}

/** What the buyer does on the page. A card that declines leaves it open. @throws Refusal for a page that is closed */
export function payCheckout(world: World, session: Session, { card, isDelayed }: Payment): Session {
  if (session.status !== 'open') throw invalid(`The checkout session is ${session.status ?? 'gone'}.`, 'session');
  if (card === 'declines') return session;
  if (card === 'none' && needsCard(session)) throw invalid('This session collects a payment method.', 'card');
  const customer = world.find('customer', session.customer) ?? buyer(world, session);
  const method = card === 'none' ? null : addCard(world, customer, card).id;
  const subscription = subscribe(world, session, { customer, method, isDelayed });
  complete(session, { customer, subscription, paymentStatus: paymentStatusOf(session, isDelayed) });
  world.tell('checkout.session.completed', session);
  return session;
}

function paymentStatusOf(session: Session, isDelayed: boolean): string {
  if (session.amount_total === 0) return 'no_payment_required';
  return isDelayed ? 'unpaid' : 'paid';
}

function needsCard(session: Session): boolean {
  return session.amount_total !== 0 || session.payment_method_collection !== 'if_required';
}

function buyer(world: World, session: Session): Customer {
  const email = session.customer_email ?? 'buyer@example.com';
  return world.add('customer', newCustomer(world, { email, name: 'A Buyer' }), 'customer.created');
}

interface Buying {
  readonly customer: Customer;
  readonly method: string | null;
  readonly isDelayed: boolean;
}

function subscribe(world: World, session: Session, { customer, method, isDelayed }: Buying): Subscription {
  const plan = world.plans.get(session.id);
  if (plan === undefined) throw invalid('The session has no plan.', 'session');
  return openSubscription(world, {
    ...plan,
    customer,
    paymentMethod: method,
    trialEnd: plan.trialEnd ?? (plan.trialDays === undefined ? null : world.now + plan.trialDays * DAY),
    payment: isDelayed ? 'wait' : 'works',
  });
}

interface Completion {
  readonly customer: Customer;
  readonly subscription: Subscription;
  readonly paymentStatus: string;
}

function complete(session: Session, { customer, subscription, paymentStatus }: Completion): void {
  session.status = 'complete';
  session.url = null;
  session.payment_status = paymentStatus;
  session.customer = customer.id;
  session.subscription = subscription.id;
  session.invoice = subscription.latest_invoice;
  session.customer_details = {
    address: null,
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name ?? null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

/** Whether the delayed money of a complete session came. */
export function settleCheckout(world: World, session: Session, succeeds: boolean): Session {
  const invoice = world.find('invoice', session.invoice);
  if (session.payment_status !== 'unpaid' || invoice === undefined) {
    throw invalid('The checkout session waits for no payment.', 'session');
  }
  collect(world, invoice, succeeds ? 'works' : 'declines');
  if (succeeds) session.payment_status = 'paid';
  world.tell(succeeds ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', session);
  return session;
}

/** Whether its first payment is still on its way, so that nobody gives up on it. */
export function awaitsDelayedPayment(world: World, subscription: Subscription): boolean {
  const invoice = world.find('invoice', subscription.latest_invoice);
  const session = world.all('checkout.session').find((other) => other.subscription === subscription.id);
  return session?.payment_status === 'unpaid' && invoice?.attempted === false;
}

export function expireSession(world: World, session: Session): Session {
  session.status = 'expired';
  session.url = null;
  world.tell('checkout.session.expired', session);
  return session;
}
