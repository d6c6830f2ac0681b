import { DomainError, type Violation } from '../kernel/domain-error';

/** The request's own form is wrong: a property, a parameter or a header. */
export class RequestInvalid extends DomainError {
  constructor(violations: readonly Violation[]) {
    super('request.invalid', 'invalid', 'The request is not valid.', violations);
  }
}

/** Too many requests from one user or address within a minute. */
export class RateLimited extends DomainError {
  constructor(readonly retryAfterSeconds: number) {
    super('request.rate_limited', 'rate-limited', 'Too many requests. Try again later.');
  }
}

/** The Idempotency-Key was used for a request with another body or route. */
export class IdempotencyConflict extends DomainError {
  constructor() {
    super('request.idempotency_conflict', 'conflict', 'This Idempotency-Key belongs to a different request.');
  }
}

/** A request with the same Idempotency-Key is still running. */
export class RequestInProgress extends DomainError {
  constructor() {
    super('request.in_progress', 'conflict', 'A request with this Idempotency-Key is still in progress.');
  }
}
