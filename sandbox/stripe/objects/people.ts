import type { World } from '../world';
import { NO_ADDRESS } from './defaults';
import type { CardBehavior } from './hidden';
import type { Customer, PaymentMethod } from './wire';

export interface NewCustomer {
  readonly email?: string | null;
  readonly name?: string | null;
  readonly phone?: string | null;
  readonly description?: string | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

export function newCustomer(world: World, customer: NewCustomer): Customer {
  return {
    id: world.ids.next('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: world.now,
    currency: null,
    customer_account: null,
    default_source: null,
    delinquent: false,
    description: customer.description ?? null,
    discount: null,
    email: customer.email ?? null,
    invoice_prefix: world.ids.letters(8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: { ...customer.metadata },
    name: customer.name ?? null,
    next_invoice_sequence: 1,
    phone: customer.phone ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  };
}

/** The last digits of the test cards that behave so. */
const LAST_DIGITS: Readonly<Record<CardBehavior, string>> = {
  works: '4242',
  declines: '0341',
  requires_action: '3184',
};

/** Takes the card into the customer's purse. */
export function addCard(world: World, customer: Customer, behavior: CardBehavior): PaymentMethod {
  const method = newCard(world, customer, behavior);
  world.cards.set(method.id, behavior);
  return world.add('payment_method', method, 'payment_method.attached');
}

function newCard(world: World, customer: Customer, behavior: CardBehavior): PaymentMethod {
  return {
    id: world.ids.next('pm', 24),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: {
      address: NO_ADDRESS,
      email: customer.email,
      name: customer.name ?? null,
      phone: null,
      tax_id: null,
    },
    card: cardDetails(world, LAST_DIGITS[behavior]),
    created: world.now,
    customer: customer.id,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  };
}

function cardDetails(world: World, last4: string): NonNullable<PaymentMethod['card']> {
  return {
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: 'visa',
    exp_month: 12,
    exp_year: world.clock.date.getUTCFullYear() + 4,
    fingerprint: world.ids.letters(16),
    funding: 'credit',
    generated_from: null,
    last4,
    networks: { available: ['visa'], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}
