import { Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { PaymentObjectMissing, PaymentsUnavailable } from '../../domain/billing.errors';

const { StripeError } = Stripe.errors;
const logger = new Logger('Stripe');

/** Says what an answer was that nobody expected, in Stripe's codes: its texts may hold what is nobody's business. */
export class UnexpectedStripeAnswer extends Error {
  constructor({ rawType, code, param, statusCode, requestId }: Stripe.errors.StripeError) {
    const parts = { type: rawType, code, parameter: param, status: statusCode, request: requestId };
    const told = Object.entries(parts).filter(([, value]) => value !== undefined);
    super(`Stripe refused a request: ${told.map(([name, value]) => `${name} ${String(value)}`).join(', ')}`);
  }
}

/**
 * Waits for answers from Stripe.
 * @throws PaymentsUnavailable, PaymentObjectMissing, or UnexpectedStripeAnswer, which is a bug
 */
export async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDomainError(error);
  }
}

/** What Stripe's answer means for us. Whatever did not come from Stripe stays as it is. */
export function toDomainError(error: unknown): unknown {
  if (!(error instanceof StripeError)) return error;
  if (isKeyRefused(error)) return refusedKey(error);
  if (isMissing(error)) return new PaymentObjectMissing('The payment side does not know what was asked for.');
  if (!isTrouble(error)) return new UnexpectedStripeAnswer(error);
  logger.warn(`Stripe has trouble or cannot be reached (${error.type}, status ${error.statusCode ?? 'none'})`);
  return new PaymentsUnavailable('The payment side cannot be reached just now. Try again later.', retryAfterOf(error));
}

/** Stripe knows no such object, or none that is still there. */
export function isMissing(error: unknown): boolean {
  return error instanceof StripeError && error.code === 'resource_missing';
}

/** The request was understood and could not be fulfilled as things stand: somebody else was faster, for example. */
export function isRefused(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && !isMissing(error);
}

export function isCardDeclined(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeCardError;
}

/**
 * The idempotency key will never bring another answer than this failure: a 5xx that was kept for it comes back each
 * time, or it stands for a request with other parameters.
 */
export function isKeySpent(error: unknown): boolean {
  if (!(error instanceof StripeError)) return false;
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.statusCode === 400;
  return (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true';
}

function isKeyRefused({ statusCode }: Stripe.errors.StripeError): boolean {
  return statusCode === 401 || statusCode === 403;
}

/** The key is in the settings, so only who runs the service can do something about it. */
function refusedKey({ statusCode, requestId }: Stripe.errors.StripeError): PaymentsUnavailable {
  logger.error(
    `Stripe refuses the key (status ${statusCode ?? 'none'}, request ${requestId ?? 'unknown'}): check that ` +
      'STRIPE_SECRET_KEY is the secret key of this account and may do what is asked',
  );
  return new PaymentsUnavailable('Paid plans are not available just now.');
}

/** No answer, one that only says that it went wrong, or "not now". */
function isTrouble({ type, statusCode }: Stripe.errors.StripeError): boolean {
  return (
    type === 'StripeConnectionError' ||
    type === 'StripeAPIError' ||
    statusCode === 409 ||
    statusCode === 429 ||
    (statusCode ?? 0) >= 500
  );
}

function retryAfterOf({ headers }: Stripe.errors.StripeError): number | undefined {
  const seconds = Number(headers?.['retry-after']);
  return Number.isInteger(seconds) && seconds > 0 ? seconds : undefined;
}
