import { Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { PaymentObjectMissing, PaymentsUnavailable } from '../../domain/billing.errors';
import { asking, isKeySpent, toDomainError, UnexpectedStripeAnswer } from './stripe-errors';

const { errors } = Stripe;
const SAID = 'what the vendor said, sk_live_abc, ada@example.com';
type Raw = ConstructorParameters<typeof errors.StripeAPIError>[0];
const raw = (parts: object): NonNullable<Raw> => ({ message: SAID, ...parts });

describe('errors of Stripe', () => {
  const said: string[] = [];
  beforeEach(() => {
    said.length = 0;
    for (const level of ['warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...parts: unknown[]) => void said.push(parts.join(' ')));
    }
  });
  afterEach(() => {
    expect(said.join()).not.toMatch(/sk_live_abc|ada@example/);
  });

  it.each([
    ['no connection', new errors.StripeConnectionError(raw({}))],
    ['a 500', new errors.StripeAPIError(raw({ statusCode: 500 }))],
    ['a 503 of another type', new errors.StripeInvalidRequestError(raw({ statusCode: 503 }))],
    ['too many requests', new errors.StripeRateLimitError(raw({ statusCode: 429 }))],
    ['a key that is in use', new errors.StripeIdempotencyError(raw({ statusCode: 409 }))],
  ])('take %s for trouble', (_name, error) => {
    const ours = toDomainError(error) as PaymentsUnavailable;
    expect(ours).toBeInstanceOf(PaymentsUnavailable);
    expect(`${ours.message}${String(ours.stack)}`).not.toContain('vendor');
  });

  it.each([
    ['7', 7],
    ['soon', undefined],
    [undefined, undefined],
  ])('say when to come back: %s', (header, seconds) => {
    const error = new errors.StripeRateLimitError(raw({ statusCode: 429, headers: { 'retry-after': header } }));
    expect(toDomainError(error)).toMatchObject({ retryAfterSeconds: seconds });
  });

  it.each([
    new errors.StripeAuthenticationError(raw({ statusCode: 401 })),
    new errors.StripePermissionError(raw({ statusCode: 403 })),
  ])('name the variable when the key is refused', (error) => {
    expect(toDomainError(error)).toBeInstanceOf(PaymentsUnavailable);
    expect(said.join()).toContain('STRIPE_SECRET_KEY');
  });

  it('know a missing object', () => {
    const error = new errors.StripeInvalidRequestError(raw({ statusCode: 404, code: 'resource_missing' }));
    expect(toDomainError(error)).toBeInstanceOf(PaymentObjectMissing);
  });

  it('tell of a bug in codes, without what was said', async () => {
    const refusal = { type: 'invalid_request_error', statusCode: 400, code: 'parameter_unknown', param: 'items[0][x]' };
    const error = new errors.StripeInvalidRequestError(raw(refusal));
    const ours: unknown = await asking(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
    expect(ours).toBeInstanceOf(UnexpectedStripeAnswer);
    expect((ours as Error).message).toContain('code parameter_unknown, parameter items[0][x], status 400');
    expect(`${(ours as Error).message}${String((ours as Error).stack)}`).not.toContain('vendor');
    expect((ours as Error).cause).toBeUndefined();
  });

  it('leave other errors alone', () => {
    const error = new TypeError('a bug');
    expect(toDomainError(error)).toBe(error);
  });

  it.each([
    [new errors.StripeAPIError(raw({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } })), true],
    [new errors.StripeAPIError(raw({ statusCode: 500, headers: {} })), false],
    [new errors.StripeConnectionError(raw({})), false],
    [new errors.StripeIdempotencyError(raw({ statusCode: 400 })), true],
    [new errors.StripeIdempotencyError(raw({ statusCode: 409 })), false],
    [new errors.StripeCardError(raw({ statusCode: 402, headers: { 'idempotent-replayed': 'true' } })), false],
    [new TypeError('a bug'), false],
  ])('know a key that is used up (%#)', (error, isSpent) => {
    expect(isKeySpent(error)).toBe(isSpent);
  });
});
