import { payCheckout } from './life/checkout';
import { DAY } from './life/calendar';
import { newPrice, newProduct } from './objects/catalog';
import type { CardBehavior, CheckoutPlan } from './objects/hidden';
import { newCustomer } from './objects/people';
import { newSession } from './objects/sessions';
import type { Customer, Price, RecurringInterval, Subscription } from './objects/wire';
import { given } from './protocol/route';
import type { World } from './world';

export interface PriceWish {
  /** In cents a period. */
  readonly amount: number;
  readonly interval?: RecurringInterval;
  readonly lookupKey?: string;
  /** The product's name; one that exists is used. */
  readonly product?: string;
  readonly currency?: string;
}

export interface SubscriberWish {
  /** The price's id. */
  readonly price: string;
  /** What the card does from now on; the first payment succeeds anyway. */
  readonly card?: CardBehavior;
  readonly customer?: string;
  readonly email?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly trialDays?: number;
}

export interface Subscriber {
  readonly customer: Customer;
  readonly subscription: Subscription;
}

/** A recurring price, with its product. */
export function quickPrice(world: World, wish: PriceWish): Price {
  const name = wish.product ?? wish.lookupKey ?? 'Plan';
  const product =
    world.all('product').find((other) => other.name === name) ??
    world.add('product', newProduct(world, { name }), 'product.created');
  const price = newPrice(world, {
    product: product.id,
    currency: wish.currency ?? 'usd',
    amount: wish.amount,
    recurring: { interval: wish.interval ?? 'month' },
    ...given({ lookupKey: wish.lookupKey }),
  });
  return world.add('price', price, 'price.created');
}

/** Somebody who has been through the checkout. */
export function quickSubscriber(world: World, wish: SubscriberWish): Subscriber {
  const customer =
    world.find('customer', wish.customer) ??
    world.add(
      'customer',
      newCustomer(world, { email: wish.email ?? 'subscriber@example.com', metadata: wish.metadata ?? {} }),
      'customer.created',
    );
  const plan: CheckoutPlan = {
    items: [{ price: wish.price, quantity: 1 }],
    metadata: wish.metadata ?? {},
    description: null,
    ...given({ trialDays: wish.trialDays }),
    missingPaymentMethod: 'create_invoice',
    billingMode: 'flexible',
  };
  const session = world.add('checkout.session', newSession(world, sessionFor(world, customer), plan));
  world.plans.set(session.id, plan);
  payCheckout(world, session, { card: 'works', isDelayed: false });
  const subscription = world.get('subscription', session.subscription ?? '');
  if (wish.card !== undefined) world.cards.set(subscription.default_payment_method ?? '', wish.card);
  return { customer, subscription };
}

function sessionFor(world: World, customer: Customer): Parameters<typeof newSession>[1] {
  return {
    customer: customer.id,
    customerEmail: null,
    clientReferenceId: null,
    metadata: {},
    successUrl: 'https://example.com/success',
    cancelUrl: null,
    uiMode: 'hosted_page',
    expiresAt: world.now + DAY,
    collection: 'always',
    locale: null,
    submitType: null,
    allowsPromotionCodes: null,
    allowedTypes: null,
  };
}
