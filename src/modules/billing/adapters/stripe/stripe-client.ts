import Stripe from 'stripe';
import type { StripeSettings } from '../../billing.settings';

/**
 * The version of the API that this folder is written for. Equal to the library's own, or its types would tell of other
 * shapes than what arrives; a newer library that brings another version is refused by the compiler.
 */
export const API_VERSION = '2026-10-28.endive';

/** How patient requests are. Repeated ones are safe: every POST carries an idempotency key. */
export interface StripePatience {
  /** One try. */
  readonly timeoutMs: number;
  /** Further tries, after half a second and then a second, when there was no answer, a 5xx, or a request under way. */
  readonly retries: number;
}

/** Somebody waits for the answer: half a minute at the very most, where the library would wait for minutes. */
export const STRIPE_PATIENCE: StripePatience = { timeoutMs: 10_000, retries: 2 };

/** The client, silent about itself: no telemetry goes out. */
export function createStripe({ secretKey, apiBaseUrl }: StripeSettings, patience: StripePatience): Stripe {
  return new Stripe(secretKey, {
    apiVersion: API_VERSION,
    timeout: patience.timeoutMs,
    maxNetworkRetries: patience.retries,
    telemetry: false,
    appInfo: { name: 'ringonce' },
    ...(apiBaseUrl !== undefined && addressOf(new URL(apiBaseUrl))),
  });
}

function addressOf({ hostname, port, protocol }: URL): Pick<Stripe.StripeConfig, 'host' | 'port' | 'protocol'> {
  const isPlain = protocol === 'http:';
  return {
    // The client takes an IPv6 address without its brackets.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port || (isPlain ? 80 : 443),
    protocol: isPlain ? 'http' : 'https',
  };
}
