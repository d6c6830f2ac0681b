import { httpUrl, text, wholeNumber } from '../config/fields';
import type { RateLimits } from './rate-limiter';

export const httpVariables = {
  HOST: text.default('127.0.0.1'),
  PORT: wholeNumber(3000, 0, 65_535),
  PUBLIC_URL: httpUrl.optional(),
  IDEMPOTENCY_KEY_RETENTION_HOURS: wholeNumber(24, 1, 24),
  RATE_LIMIT_PER_MINUTE: wholeNumber(600, 10, 1_000_000),
  SHUTDOWN_DELAY_MS: wholeNumber(0, 0, 600_000),
};

export interface HttpSettings {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Without a trailing slash. */
  readonly publicUrl: string;
  readonly rateLimits: RateLimits;
  /** How long the answers to requests with a key are kept. */
  readonly idempotencyKeyRetentionMs: number;
  /** How long requests are taken after the service has begun to say that it is about to end. */
  readonly shutdownDelayMs: number;
}
