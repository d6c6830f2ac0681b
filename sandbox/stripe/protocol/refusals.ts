/** An answer that is no success, in Stripe's shape. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly details: {
      readonly type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error' | 'rate_limit_error';
      readonly message: string;
      readonly code?: string;
      readonly param?: string;
      readonly decline_code?: string;
      readonly advice_code?: string;
    },
  ) {
    super(details.message);
  }

  /** Whether the request was refused before anything was done, so that its idempotency key stays free. */
  get isValidation(): boolean {
    return this.details.type === 'invalid_request_error' || this.details.type === 'idempotency_error';
  }
}

export function invalid(message: string, param?: string, code?: string): Refusal {
  return new Refusal(400, {
    type: 'invalid_request_error',
    message,
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code }),
  });
}

export const unknownParameter = (param: string): Refusal =>
  invalid(`Received unknown parameter: ${param}`, param, 'parameter_unknown');

export const missingParameter = (param: string): Refusal =>
  invalid(`Missing required param: ${param}.`, param, 'parameter_missing');

export function missing(noun: string, id: string, param = 'id'): Refusal {
  const details = { message: `No such ${noun}: '${id}'`, param, code: 'resource_missing' } as const;
  return new Refusal(param === 'id' ? 404 : 400, { type: 'invalid_request_error', ...details });
}

/** A secret shows only its ends. */
const masked = (key: string): string =>
  key.length <= 12 ? '*'.repeat(key.length) : `${key.slice(0, 8)}${'*'.repeat(key.length - 12)}${key.slice(-4)}`;

export function unauthorized(key: string | undefined): Refusal {
  const message =
    key === undefined
      ? 'You did not provide an API key. Send it as a bearer token in the Authorization header.'
      : `Invalid API Key provided: ${masked(key)}`;
  return new Refusal(401, { type: 'invalid_request_error', message });
}

export const noSuchRoute = (method: string, path: string): Refusal =>
  new Refusal(404, { type: 'invalid_request_error', message: `Unrecognized request URL (${method}: ${path}).` });

export const declined = (): Refusal =>
  new Refusal(402, {
    type: 'card_error',
    message: 'Your card was declined.',
    code: 'card_declined',
    decline_code: 'generic_decline',
    advice_code: 'try_again_later',
  });

export const needsAction = (): Refusal =>
  new Refusal(402, {
    type: 'card_error',
    message: 'Your card was declined. This transaction requires authentication.',
    code: 'authentication_required',
    decline_code: 'authentication_required',
  });
