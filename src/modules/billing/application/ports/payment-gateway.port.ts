import type { PaymentSubscription } from '../../domain/payment-subscription';
import type { Plan } from '../../domain/plan';

export interface NewCustomer {
  readonly userId: string;
  readonly email: string | null;
  /** The customer that this one replaces, because it was deleted at the payment side; null for a user's first one. */
  readonly replaces: string | null;
}

/** One visit to the page where a user buys a plan. */
export interface CheckoutRequest {
  /** Names the wish: while its page is open, a request with the same id leads to the same page. A UUID. */
  readonly operationId: string;
  readonly customerId: string;
  readonly userId: string;
  readonly priceId: string;
  /** 0 = no trial. */
  readonly trialDays: number;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface Checkout {
  readonly id: string;
  readonly url: string;
  /** From then on the page is closed. */
  readonly expiresAt: Date;
}

/** A change of a subscription's price. Repeating it with the same operation changes nothing further. */
export interface PriceChange {
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly priceId: string;
}

/** A customer some of whose subscriptions could not be read. */
export interface UnreadCustomer {
  readonly unreadCustomerId: string;
}

/** What the payment side sent of its own accord. Only a hint that something about a customer may have changed. */
export interface PaymentEvent {
  readonly id: string;
  readonly type: string;
  readonly apiVersion: string | null;
  readonly createdAt: Date;
  /** Whom it is about; null when it is about nobody we look after. */
  readonly customerId: string | null;
  /** The user whom its object names, when it does. */
  readonly userId: string | null;
  /** What is worth keeping of what was sent. It must hold no address and no secret. */
  readonly payload: unknown;
}

/** A webhook as it arrived. Header names in lower case. */
export interface PaymentWebhook {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Uint8Array;
}

/**
 * The side that takes the money. What it says about subscriptions is the truth that ours follow.
 * Every method may throw PaymentsUnavailable: nothing is configured, or the payment side cannot be reached or answers
 * that it has trouble; whatever was asked may then have happened or not. A customer, subscription or price that the
 * payment side doesn't know is a PaymentObjectMissing, a price that is sold no longer a PriceReplaced.
 */
export abstract class PaymentGateway {
  /** Creates a user's customer; the same wish again gives the same customer. @returns its id */
  abstract createCustomer(customer: NewCustomer): Promise<string>;

  /** Opens a page where the user buys a plan. Nothing is bought until the user has paid there; then the page is over. */
  abstract openCheckout(request: CheckoutRequest): Promise<Checkout>;

  /** Closes every page that is open for the customer, except one; what was bought there meanwhile stays bought. */
  abstract closeCheckouts(customerId: string, except: string | null): Promise<void>;

  /** Closes one page. What was bought there meanwhile stays bought; one that is over needs no closing. */
  abstract closeCheckout(checkoutId: string): Promise<void>;

  /**
   * Every subscription of the customer as it is now, ended and never begun ones included, in no order. A customer that
   * was deleted has none but `knownIds`. `knownIds` are asked for one by one when the customer's list lacks them, and
   * left out when they are gone.
   * @throws PaymentObjectMissing also for a customer that this account never had: it says nothing about anybody's plan
   */
  abstract subscriptionsOf(customerId: string, knownIds: readonly string[]): Promise<readonly PaymentSubscription[]>;

  /** Whether the customer was deleted at the payment side. */
  abstract isDeleted(customerId: string): Promise<boolean>;

  /**
   * Every subscription of every customer, ended ones included, page by page. In place of one that could not be read
   * this time comes its customer, who is to be asked about alone: nobody else waits for that.
   */
  abstract allSubscriptions(): AsyncIterable<readonly (PaymentSubscription | UnreadCustomer)[]>;

  /**
   * Changes the price at once and charges the difference; the change takes effect only when it is paid. A trial ends
   * with it: a whole period is charged, and begins then. It also takes back a cancellation and another change that was
   * to come; until it is paid all three stay: nobody who wanted to leave, or to pay less, is charged more because of a
   * change that failed.
   * @returns whether it has taken effect; false while a payment is open or was declined
   */
  abstract changeNow(change: PriceChange): Promise<boolean>;

  /**
   * Changes the price when the period ends. Takes back a cancellation and another change that was to come; a failure
   * leaves a cancellation as it was, as far as the payment side can be reached, and otherwise `hasUnfinishedChange`.
   */
  abstract changeAtPeriodEnd(change: PriceChange): Promise<void>;

  /** Ends the subscription when its period ends. `freeFollows` is kept with it and comes back in its state. */
  abstract cancelAtPeriodEnd(operationId: string, subscriptionId: string, freeFollows: boolean): Promise<void>;

  /** Takes back a cancellation and a change that was to come: the subscription goes on as it is. */
  abstract goOn(operationId: string, subscriptionId: string): Promise<void>;

  /**
   * Puts back what a change at the period's end had cleared out of its way before whoever made it died. Does nothing for
   * minutes after a change was begun, or where there is nothing to put back.
   */
  abstract finishInterrupted(subscriptionId: string): Promise<void>;

  /**
   * Forgets what `finishInterrupted` would put back, because the user has chosen otherwise since. Does nothing for
   * minutes after a change was begun: somebody may be at it.
   */
  abstract forgetInterrupted(subscriptionId: string): Promise<void>;

  /**
   * Whether a better plan waits for a payment that stays open whatever else is chosen: once it is made, the plan counts.
   */
  abstract awaitsPayment(subscriptionId: string): Promise<boolean>;

  /** Ends the subscription now and credits what was paid and not used. Repeating it changes nothing. */
  abstract cancelNow(subscriptionId: string): Promise<void>;

  /** Opens a page where the user manages payment methods and invoices, and from which `returnUrl` leads back. @returns its URL */
  abstract openPortal(customerId: string, returnUrl: string): Promise<string>;

  /** Creates or updates what is sold for a plan. Safe to repeat. @returns the id of the current price */
  abstract offer(plan: Plan): Promise<string>;

  /**
   * Authenticates a webhook and reads it. Total for authentic ones: an event of an unknown type, of another API
   * version, or without an id on its object is an event too.
   * @throws PaymentWebhookRefused
   */
  abstract readEvent(webhook: PaymentWebhook): PaymentEvent;
}
