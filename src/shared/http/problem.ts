import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database-unavailable';
import { DomainError, type ErrorKind, type Violation } from '../kernel/domain-error';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The body of every error answer (RFC 9457). `code` is stable; `requestId` is also the header `x-request-id`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly Violation[];
}

/** A problem before it belongs to a request. `isBug` asks for a log entry: nobody but us can do anything about it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly Violation[];
  readonly retryAfterSeconds?: number;
  readonly isBug?: boolean;
}

/** The one place where the reasons of the core become statuses. */
const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  'quota-exceeded': 402,
  'payment-required': 402,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unprocessable: 422,
  'rate-limited': 429,
  unavailable: 503,
};

/** What is said about errors that the framework raises, by status. Their own texts may quote the request. */
const EDGE_REFUSALS: Readonly<Record<number, readonly [code: string, detail: string]>> = {
  400: ['request.invalid', 'The request is malformed.'],
  404: ['request.not_found', 'No such route.'],
  405: ['request.method_not_allowed', 'The route does not take this method.'],
  408: ['request.timeout', 'The request took too long to arrive.'],
  413: ['request.too_large', 'The request body is too large.'],
  414: ['request.uri_too_long', 'The request URI is too long.'],
  415: ['request.unsupported_media_type', 'The request body must be application/json.'],
  429: ['request.rate_limited', 'Too many requests. Try again later.'],
  431: ['request.headers_too_large', 'The request headers are too large.'],
};

/** Seconds that a client should wait when nobody knows better. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** Translates anything that was thrown into what the caller may know about it. Total: it never throws. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof DomainError) return fromDomainError(error);
  if (error instanceof HttpException && error.getStatus() < 500) return edgeRefusal(error.getStatus());
  if (isDatabaseUnavailable(error)) {
    return {
      status: 503,
      code: 'request.database_unavailable',
      detail: 'The database cannot be reached at the moment.',
      retryAfterSeconds: DEFAULT_RETRY_AFTER_SECONDS,
    };
  }
  return { status: 500, code: 'request.internal', detail: 'Something went wrong on our side.', isBug: true };
}

/** What is said about an error of the framework or the HTTP parser. */
export function edgeRefusal(status: number): Refusal {
  const [code, detail] = EDGE_REFUSALS[status] ?? ['request.invalid', 'The request cannot be processed.'];
  return { status, code, detail, ...(status === 429 && { retryAfterSeconds: DEFAULT_RETRY_AFTER_SECONDS }) };
}

/** Writes a refusal as the answer to one request. */
export function toProblem(refusal: Refusal, requestId: string): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[refusal.status] ?? 'Error',
    status: refusal.status,
    detail: refusal.detail,
    code: refusal.code,
    requestId,
    ...(refusal.errors && { errors: refusal.errors }),
  };
}

function fromDomainError(error: DomainError): Refusal {
  const status = STATUS_OF_KIND[error.kind];
  const refusal = { status, code: error.code, detail: error.message };
  return {
    ...refusal,
    ...(error.violations && { errors: error.violations }),
    ...((status === 429 || status === 503) && { retryAfterSeconds: retryAfterOf(error) }),
  };
}

/** A refusal may know when to come back: it then carries `retryAfterSeconds`. */
function retryAfterOf(error: DomainError): number {
  const seconds = 'retryAfterSeconds' in error ? error.retryAfterSeconds : undefined;
  return typeof seconds === 'number' ? Math.max(1, Math.ceil(seconds)) : DEFAULT_RETRY_AFTER_SECONDS;
}
