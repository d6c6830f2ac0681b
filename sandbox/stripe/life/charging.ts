import type { CardBehavior } from '../objects/hidden';
import type { Invoice, PaymentMethod, Subscription } from '../objects/wire';
import type { World } from '../world';
import { customerOf, markPaid, subscriptionOf } from './invoicing';

/** How an attempt to charge ended. */
export type ChargeOutcome = 'paid' | 'declined' | 'requires_action';

/** The method that a subscription is charged with: its own, else the customer's. */
export function methodOf(world: World, subscription: Subscription): PaymentMethod | undefined {
  return (
    world.find('payment_method', subscription.default_payment_method) ??
    world.find('payment_method', customerOf(world, subscription)?.invoice_settings.default_payment_method)
  );
}

/** Charges an open invoice once and tells how that went; `behavior` instead of what the card on file does. */
export function charge(world: World, invoice: Invoice, behavior?: CardBehavior): ChargeOutcome {
  if (invoice.status === 'paid') return 'paid';
  const outcome = answerOf(behavior ?? behaviorFor(world, invoice));
  invoice.attempt_count += 1;
  invoice.attempted = true;
  if (outcome === 'paid') {
    markPaid(world, invoice, invoice.amount_due);
    return outcome;
  }
  const customer = customerOf(world, invoice);
  if (customer !== undefined) {
    world.change(customer, 'customer.updated', () => (customer.delinquent = true));
  }
  return outcome;
}

/** Told after it is known when the next attempt is. */
export function tellFailure(world: World, invoice: Invoice, outcome: ChargeOutcome): void {
  world.tell('invoice.updated', invoice, { attempt_count: invoice.attempt_count - 1 });
  world.tell('invoice.payment_failed', invoice);
  if (outcome === 'requires_action') world.tell('invoice.payment_action_required', invoice);
}

function behaviorFor(world: World, invoice: Invoice): CardBehavior {
  const subscription = subscriptionOf(world, invoice);
  const method = subscription && methodOf(world, subscription);
  return (method && world.cards.get(method.id)) ?? 'declines';
}

function answerOf(behavior: CardBehavior): ChargeOutcome {
  if (behavior === 'works') return 'paid';
  return behavior === 'declines' ? 'declined' : 'requires_action';
}
