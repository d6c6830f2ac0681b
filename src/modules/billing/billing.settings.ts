import { z } from 'zod';
import { httpUrl, milliseconds, secret, text, wholeNumber } from '../../shared/config/fields';
import type { BillingSettings } from './application/billing-settings';

/** Two while one replaces the other: events signed with either are taken. */
const webhookSecrets = z
  .string()
  .transform((list) => list.split(',').map((secret) => secret.trim()))
  .pipe(z.array(text).min(1).max(2, 'takes at most two secrets, the new one and the old one'));

const choice = z.enum(['true', 'false'], 'must be true or false').transform((word) => word === 'true');

export const billingVariables = {
  STRIPE_SECRET_KEY: secret(text.optional()),
  STRIPE_WEBHOOK_SECRET: secret(webhookSecrets.optional()),
  STRIPE_API_BASE_URL: httpUrl.optional(),
  LOCAL_PAYMENTS: choice.optional(),
  PAST_DUE_GRACE_DAYS: wholeNumber(7, 0, 90),
  BILLING_RECONCILE_INTERVAL_MS: milliseconds(3_600_000, 1_000),
  /** Stripe repeats an event for three days, and people look into one later. */
  STRIPE_EVENT_RETENTION_DAYS: wholeNumber(30, 7, 3_650),
  BILLING_RATE_LIMIT_PER_MINUTE: wholeNumber(20, 1, 1_000_000),
};

/** What users ask of the payment side: each such request leads to many there. */
export const BILLING_RATE_BUCKET = 'billing';

export interface StripeSettings {
  readonly secretKey: string;
  /** One, or two while one replaces the other. */
  readonly webhookSecrets: readonly string[];
  /** A stand-in's address; undefined = Stripe's own. */
  readonly apiBaseUrl: string | undefined;
}

/** Who takes the money: Stripe, a page of ours where nobody really pays, or nobody. */
export type PaymentSide =
  | { readonly kind: 'stripe'; readonly stripe: StripeSettings }
  | { readonly kind: 'local' }
  /** `mayBeLocal`: the page would be allowed here, and has to be asked for because others may reach the service. */
  | { readonly kind: 'none'; readonly mayBeLocal: boolean };

export interface BillingModuleSettings extends BillingSettings {
  readonly payments: PaymentSide;
}
