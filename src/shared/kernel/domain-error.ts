/** Why a request is refused, independent of any protocol. The HTTP edge maps each kind to one status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'unprocessable'
  | 'quota-exceeded'
  | 'payment-required'
  | 'rate-limited'
  | 'unavailable';

/** One offending part of the input: `path` is a JSON path such as `calls.3.recipientNumber`. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/**
 * A refusal that the caller is meant to understand. `code` is stable and documented (`calls.not_found`);
 * `message` is safe to show to the caller. Anything else that is thrown is a bug.
 */
export class DomainError extends Error {
  constructor(
    readonly code: string,
    readonly kind: ErrorKind,
    message: string,
    readonly violations?: readonly Violation[],
  ) {
    super(message);
    this.name = new.target.name;
  }
}
