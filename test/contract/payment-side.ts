import { randomUUID } from 'node:crypto';
import type {
  CheckoutRequest,
  PaymentGateway,
  PaymentWebhook,
  PriceChange,
} from '../../src/modules/billing/application/ports/payment-gateway.port';
import type { PaymentSubscription } from '../../src/modules/billing/domain/payment-subscription';
import type { Plan } from '../../src/modules/billing/domain/plan';

export type Card = 'works' | 'declines' | 'requires-action';

/** What a payment side can be brought to, beyond what every one has. */
export interface Abilities {
  /** It is reached over a network, which may fail. */
  readonly network: boolean;
  /** It sends webhooks. */
  readonly webhooks: boolean;
  /** A card may ask its owner to confirm each payment. */
  readonly confirmation: boolean;
  /** Statuses that only somebody at the payment side, or its settings, bring about. */
  readonly statuses: readonly string[];
}

/** What may happen to every request until `heal`. */
export type Mishap =
  | 'unreachable'
  | 'error-before'
  | 'error-after'
  | 'overloaded'
  | 'rate-limit'
  | 'cut-before'
  | 'lost-answer'
  | 'hang'
  | 'wrong-key';

/** A webhook that the payment side would send. */
export interface WebhookWish {
  /** A newer secret is in front; events signed with either are taken. Neither is for 'other'. */
  readonly secret?: 'newer' | 'older' | 'other';
  readonly ageSeconds?: number;
  /** The event's parts that differ from those of an ordinary one about the customer. */
  readonly event?: Readonly<Record<string, unknown>>;
}

/** A payment side on which nothing has happened yet, and the gateway connected to it. */
export interface PaymentSide {
  readonly gateway: PaymentGateway;
  /** What must never show up in an error. */
  readonly secrets: readonly string[];
  /** The payment side's clock. */
  now(): Date;
  /** A person presses "pay" on a checkout page. Rejects when the page is closed. */
  pay(checkoutUrl: string): Promise<void>;
  /** A person tries a card on a checkout page that is declined. */
  decline(checkoutUrl: string): Promise<void>;
  /** What the customer's card does from now on. */
  setCard(customerId: string, card: Card): Promise<void>;
  /** The customer pays whatever is open, in person. */
  payWhatIsOpen(customerId: string): Promise<void>;
  /** Time goes on until the subscription's period has just ended, and what is due then is done: money is asked for too. */
  endPeriod(subscriptionId: string): Promise<void>;
  /** Time goes on until the payment side has asked for what is owed for the last time, and ended the subscription. */
  giveUp(subscriptionId: string): Promise<void>;
  deleteCustomer(customerId: string): Promise<void>;
  /** Somebody else made subscriptions for the customer. */
  addSubscriptions(customerId: string, priceId: string, count: number): Promise<void>;
  /** Brings a running subscription to a status of `abilities.statuses`, or makes another one in it. @returns its id */
  reach(status: string, subscription: PaymentSubscription): Promise<string>;
  /** How often money was taken from the customer. */
  payments(customerId: string): Promise<number>;
  openPages(customerId: string): Promise<number>;
  /** How many customers were ever made for the user. */
  customersOf(userId: string): Promise<number>;
  /** With ability `webhooks`: one about the customer. */
  webhook(customerId: string, wish?: WebhookWish): PaymentWebhook;
  /** With ability `network`. */
  fail(mishap: Mishap): void;
  heal(): void;
  stop(): Promise<void>;
}

const MONTHLY: Omit<Plan, 'id'> = {
  slug: 'basic',
  name: 'Basic',
  description: 'For one person.',
  price: 29,
  currency: 'usd',
  interval: 'monthly',
  features: [],
  callLimit: 500,
  minutesLimit: 1_000,
  trialDays: 0,
};
export const BASIC: Plan = { ...MONTHLY, id: randomUUID() };
export const BASIC_YEARLY: Plan = { ...BASIC, id: randomUUID(), interval: 'yearly', price: 290 };
export const BUSINESS: Plan = { ...BASIC, id: randomUUID(), slug: 'business', name: 'Business', price: 99 };
export const ENTERPRISE: Plan = { ...BASIC, id: randomUUID(), slug: 'enterprise', name: 'Enterprise', price: 499 };

/** An id in no payment side's form. */
export const UNKNOWN = 'nobody_knows_it';

export function newWish(customerId: string, priceId: string, parts: Partial<CheckoutRequest> = {}): CheckoutRequest {
  return {
    operationId: randomUUID(),
    customerId,
    userId: randomUUID(),
    priceId,
    trialDays: 0,
    successUrl: 'https://app.example.com/thanks',
    cancelUrl: 'https://app.example.com/plans',
    ...parts,
  };
}

export function newChange({ id: subscriptionId }: { readonly id: string }, priceId: string): PriceChange {
  return { operationId: randomUUID(), subscriptionId, priceId };
}

/** A payment side with what the tests do there again and again. */
export class Shop {
  readonly gateway: PaymentGateway;

  constructor(readonly side: PaymentSide) {
    this.gateway = side.gateway;
  }

  newCustomer(userId: string = randomUUID(), replaces: string | null = null): Promise<string> {
    return this.gateway.createCustomer({ userId, email: `${userId}@example.com`, replaces });
  }

  /** A new user who has bought the plan. */
  async subscriber(plan: Plan = BASIC, trialDays = 0): Promise<PaymentSubscription> {
    const userId = randomUUID();
    const customerId = await this.newCustomer(userId);
    const priceId = await this.gateway.offer(plan);
    const checkout = await this.gateway.openCheckout(newWish(customerId, priceId, { userId, trialDays }));
    await this.side.pay(checkout.url);
    return this.only(customerId);
  }

  /** The customer's one subscription. */
  async only(customerId: string, knownIds: readonly string[] = []): Promise<PaymentSubscription> {
    const subscriptions = await this.gateway.subscriptionsOf(customerId, knownIds);
    if (subscriptions.length !== 1) throw new Error(`the customer has ${subscriptions.length} subscriptions`);
    return subscriptions[0]!;
  }

  /** The same subscription as it is now. */
  now({ customerId, id }: PaymentSubscription): Promise<PaymentSubscription> {
    return this.only(customerId, [id]);
  }
}

/** A fresh payment side for each test of the surrounding block. */
export function useShop(make: () => Promise<PaymentSide>): () => Shop {
  let shop: Shop;
  beforeEach(async () => {
    shop = new Shop(await make());
  });
  afterEach(() => shop.side.stop());
  return () => shop;
}
