import { DomainError } from '../../../shared/kernel/domain-error';

/** No token, or one that does not hold. Says no more: a caller without a valid token learns nothing. */
export class Unauthenticated extends DomainError {
  constructor() {
    super('auth.unauthenticated', 'unauthenticated', 'A valid access token is required.');
  }
}

export class AccessForbidden extends DomainError {
  constructor() {
    super('auth.forbidden', 'forbidden', 'The access token does not have the right to do this.');
  }
}

/** An internal service asked for a user's route without naming the user. */
export class SubjectRequired extends DomainError {
  constructor() {
    super('auth.subject_required', 'invalid', 'An internal service names the user with the header X-On-Behalf-Of.');
  }
}

export class SubjectInvalid extends DomainError {
  constructor() {
    super('auth.subject_invalid', 'invalid', 'X-On-Behalf-Of must be the UUID of a user.');
  }
}

export class UserNotFound extends DomainError {
  constructor() {
    super('users.not_found', 'not-found', 'There is no such user.');
  }
}

/** The keys that tokens are verified with cannot be fetched: nobody can say whether the token is good. */
export class TokenKeysUnavailable extends DomainError {
  constructor() {
    super('auth.keys_unavailable', 'unavailable', 'Access tokens cannot be verified at the moment.');
  }
}
