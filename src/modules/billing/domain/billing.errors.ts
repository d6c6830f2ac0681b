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

/** A paid plan is asked for while no payment side is configured. */
export class PaymentsUnavailable extends DomainError {
  constructor() {
    super('billing.payments_unavailable', 'unavailable', 'Paid plans are not available: no payments are configured.');
  }
}

/** The token is still valid, but its user is gone. */
export class SubscriberNotFound extends DomainError {
  constructor() {
    super('users.not_found', 'not-found', 'There is no such user.');
  }
}
