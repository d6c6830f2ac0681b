import Stripe from 'stripe';
import { startStripeSandbox, type StripeSandbox, type StripeSandboxOptions } from './stripe-sandbox';

export interface Opened {
  readonly sandbox: StripeSandbox;
  readonly stripe: Stripe;
}

/** A stand-in whose clock stands, and the official client that talks to it. Events are held. */
export async function opened(options: Partial<StripeSandboxOptions> = {}): Promise<Opened> {
  const sandbox = await startStripeSandbox({
    apiKey: 'sk_test_unit',
    now: new Date('2026-01-31T10:00:00Z'),
    deliver: 'held',
    ...options,
  });
  const stripe = new Stripe(sandbox.apiKey, { ...sandbox.clientOptions, maxNetworkRetries: 0 });
  return { sandbox, stripe };
}

/** What the stand-in refuses a request with. */
export async function refusalOf(request: Promise<unknown>): Promise<Partial<Stripe.errors.StripeError>> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) {
      const { statusCode, code, param, type } = error;
      return { statusCode, code, param, type } as Partial<Stripe.errors.StripeError>;
    }
    throw error;
  }
  throw new Error('The request was not refused.');
}

/** The clock's date as Stripe writes it. */
export const seconds = (date: string): number => Math.floor(new Date(date).getTime() / 1000);

export const typesOf = (sandbox: StripeSandbox, since = 0): readonly string[] =>
  sandbox.events.slice(since).map(({ type }) => type);
