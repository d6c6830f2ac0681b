import { z } from 'zod';

/** A moment, which JSON knows only as text. */
const instant = z.coerce.date();
const period = z.object({ start: instant, end: instant });

const customer = z.object({
  userId: z.string(),
  email: z.string().nullable(),
  /** What the customer's card does from now on. */
  card: z.enum(['works', 'declines']),
  isDeleted: z.boolean(),
});

const checkout = z.object({
  /** The wish that it was opened for. */
  operationId: z.string(),
  userId: z.string(),
  priceId: z.string(),
  /** 0 = no trial. */
  trialDays: z.int(),
  successUrl: z.string(),
  cancelUrl: z.string(),
  status: z.enum(['open', 'paid', 'closed']),
  expiresAt: instant,
});

/** The page where a customer manages subscriptions: one per customer, whose way back is the one asked for last. */
const portal = z.object({ returnUrl: z.string() });

const subscription = z.object({
  userId: z.string().nullable(),
  rawStatus: z.enum(['trialing', 'active', 'past_due', 'canceled']),
  priceId: z.string(),
  period,
  /** From when the periods are counted, so that short months move none of the later ones. */
  anchor: instant,
  /** The price that follows when the period ends; null = the same again. */
  nextPriceId: z.string().nullable(),
  /** A change that takes effect once it is paid; dropped after a while. */
  openChange: z.object({ priceId: z.string(), expiresAt: instant }).nullable(),
  createdAt: instant,
  trialStart: instant.nullable(),
  endsAt: instant.nullable(),
  endReason: z.enum(['requested', 'payment-failed']).nullable(),
  freeFollows: z.boolean(),
  owedSince: instant.nullable(),
  /** When money was taken for it. */
  payments: z.array(instant),
  /** The changes that were asked for already: repeating one changes nothing. */
  operations: z.array(z.string()),
  /** Grows with each change: what is chosen on an outdated page is not done. */
  revision: z.int(),
});

/** What is remembered of each kind. */
export const LOCAL_SHAPES = { customer, checkout, portal, subscription };

interface Recorded {
  readonly id: string;
  /** A customer's own id for the customer itself. */
  readonly customerId: string;
}

export type LocalCustomer = Recorded & z.infer<typeof customer>;
export type LocalCheckout = Recorded & z.infer<typeof checkout>;
export type LocalPortal = Recorded & z.infer<typeof portal>;
export type LocalSubscription = Recorded & z.infer<typeof subscription>;
