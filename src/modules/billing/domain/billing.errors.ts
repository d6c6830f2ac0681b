import { DomainError } from '../../../shared/kernel/domain-error';

export class PlanNotFound extends DomainError {
  constructor() {
    super('billing.plan_not_found', 'not-found', 'There is no such plan.');
  }
}

export class NoSubscription extends DomainError {
  constructor() {
    super('billing.no_subscription', 'not-found', 'The user has no live subscription.');
  }
}

/** Nothing was agreed with the user in place of the plan's limits. */
export class NoUserLimits extends DomainError {
  constructor() {
    super('billing.no_limits', 'not-found', 'The user has no limits of its own.');
  }
}

/** No payment side is configured, or it cannot be reached. What was asked from it may have happened or not. */
export class PaymentsUnavailable extends DomainError {
  constructor(
    message = 'Paid plans are not available: no payments are configured.',
    /** When to come back, if that is known. */
    readonly retryAfterSeconds?: number,
  ) {
    super('billing.payments_unavailable', 'unavailable', message);
  }
}

/** The plan has no price at the payment side: nobody has told it what is sold. */
export class PlanNotOnSale extends PaymentsUnavailable {
  constructor() {
    super('This plan cannot be bought at the moment: the payment side does not know its price.');
  }
}

/**
 * What the service notes as a plan's price is no longer sold at the payment side: somebody has replaced it there.
 * `npm run stripe:sync-plans` notes the one that took its place.
 */
export class PriceReplaced extends DomainError {
  constructor() {
    super('billing.price_replaced', 'unavailable', 'The price of this plan is just being changed. Try again later.');
  }
}

/** A plan that an operator has given by hand is no business of the payment side. */
export class SubscriptionMadeByHand extends DomainError {
  constructor() {
    super(
      'billing.subscription_made_by_hand',
      'conflict',
      'This subscription was set up by hand: ask whoever runs the service to change it.',
    );
  }
}

/** The payment side knows no such customer, subscription or price. */
export class PaymentObjectMissing extends DomainError {
  constructor(message: string) {
    super('billing.payment_object_missing', 'conflict', message);
  }
}

/** The payment side has not one of several customers: it may be another account's key. */
export class EveryCustomerMissing extends DomainError {
  constructor(count: number) {
    super(
      'billing.every_customer_missing',
      'conflict',
      `Not one of ${String(count)} customers is in this account, as with a wrong key. Nothing was changed. If the key is ` +
        'the right one: npm run stripe:retire-missing -- --confirm --all',
    );
  }
}

/** A change of plan takes effect when its invoice is paid, or must wait until an owed one is. */
export class PaymentRequired extends DomainError {
  constructor(message: string) {
    super('billing.payment_required', 'payment-required', message);
  }
}

/** Another checkout of the same user came in between. */
export class CheckoutSuperseded extends DomainError {
  constructor() {
    super('billing.checkout_superseded', 'conflict', 'Another plan was chosen at the same time. Choose again.');
  }
}

/** Another change of the same user's paid subscription is under way: two at once would undo each other. */
export class ChangeInProgress extends DomainError {
  constructor() {
    super(
      'billing.change_in_progress',
      'conflict',
      'Another change of this subscription is under way. Look at it in a moment, and then choose again.',
    );
  }
}

/** A webhook that the payment side did not sign, or not now. */
export class PaymentWebhookRefused extends DomainError {
  constructor() {
    super('webhooks.unauthenticated', 'unauthenticated', 'The signature is missing, wrong or too old.');
  }
}

/** The token is still valid, but its user is gone. */
export class SubscriberNotFound extends DomainError {
  constructor() {
    super('users.not_found', 'not-found', 'There is no such user.');
  }
}
