import { z } from 'zod';
import { pageQuery } from '../../../../shared/http/page.schemas';
import { LINE_KINDS } from '../../domain/ledger-line';
import { INTERVALS, TIERS } from '../../domain/plan';
import { SUBSCRIPTION_STATUSES } from '../../domain/subscription';
import { RESOURCES, THRESHOLDS } from '../../domain/usage-warning';

const url = z.url({ protocol: /^https?$/ }).max(2_000);
const count = z.int().min(0);
const limit = count.nullable().describe('null = unlimited');
const instant = z.iso.datetime();

const examplePlan = {
  id: '5f0c8a3e-9d0b-4a53-8f5e-0d1f6f3a2b10',
  slug: 'free',
  name: 'Free',
  description: 'For trying it out.',
  price: 0,
  currency: 'usd',
  interval: 'monthly',
  features: ['50 calls a month', '100 minutes a month'],
  callLimit: 50,
  minutesLimit: 100,
} as const;

const exampleEntry = {
  id: '0b8f1a52-6f0e-4f4d-9a55-6a1c7f9e2d31',
  kind: 'settle',
  callQueueId: '7c1de9a4-53b1-4a0e-8a5f-2f6d9f0b3c44',
  attemptId: 'd2a6f1c8-0f39-4be2-9c57-51b7e0a8c6f5',
  calls: 1,
  minutes: 2,
  createdAt: '2026-11-22T09:30:12.000Z',
} as const;

export const ChoosePlan = z
  .strictObject({
    planId: z.uuid(),
    successUrl: url.optional().describe('Where the payment page sends the user after paying; a page of ours without'),
    cancelUrl: url.optional().describe('Where the payment page sends a user who turns back; a page of ours without'),
  })
  .meta({ id: 'ChoosePlan', examples: [{ planId: '5f0c8a3e-9d0b-4a53-8f5e-0d1f6f3a2b10' }] });
export type ChoosePlan = z.infer<typeof ChoosePlan>;

export const OpenPortal = z
  .strictObject({ returnUrl: url })
  .meta({ id: 'OpenPortal', examples: [{ returnUrl: 'https://example.com/account' }] });
export type OpenPortal = z.infer<typeof OpenPortal>;

export const PortalView = z
  .object({ url: z.url() })
  .meta({ id: 'Portal', examples: [{ url: 'https://billing.example.com/session/abc' }] });
export type PortalView = z.infer<typeof PortalView>;

export const PlanView = z
  .object({
    id: z.uuid(),
    slug: z.enum(TIERS),
    name: z.string(),
    description: z.string(),
    price: z.number().min(0).describe('In whole units of the currency, per interval'),
    currency: z.string(),
    interval: z.enum(INTERVALS),
    features: z.array(z.string()),
    callLimit: limit.describe('Per month, on yearly plans too; null = unlimited'),
    minutesLimit: limit.describe('Per month, on yearly plans too; null = unlimited'),
  })
  .meta({ id: 'Plan', examples: [examplePlan] });
export type PlanView = z.infer<typeof PlanView>;

export const PlansView = z
  .object({ items: z.array(PlanView) })
  .meta({ id: 'Plans', examples: [{ items: [examplePlan] }] });
export type PlansView = z.infer<typeof PlansView>;

const exampleSubscription = {
  id: '9e4b7c02-1d8a-4f63-b2f5-3c0a6d1e8b97',
  plan: examplePlan,
  status: 'active',
  currentPeriodStart: '2026-11-05T08:00:00.000Z',
  currentPeriodEnd: '2026-12-05T08:00:00.000Z',
  cancelAtPeriodEnd: false,
} as const;

export const SubscriptionView = z
  .object({
    id: z.uuid(),
    plan: PlanView,
    status: z.enum(SUBSCRIPTION_STATUSES),
    currentPeriodStart: instant,
    currentPeriodEnd: instant,
    cancelAtPeriodEnd: z.boolean().describe('It ends when the period does, and the free plan or nothing follows'),
  })
  .meta({ id: 'Subscription', examples: [exampleSubscription] });
export type SubscriptionView = z.infer<typeof SubscriptionView>;

const exampleCheckout = { checkoutUrl: 'https://checkout.stripe.com/c/pay/cs_a1b2c3' };

export const CheckoutView = z
  .object({ checkoutUrl: z.url().describe('Where the user pays. The plan begins when the payment is in') })
  .meta({ id: 'Checkout', examples: [exampleCheckout] });
export type CheckoutView = z.infer<typeof CheckoutView>;

export const SubscribedView = z
  .union([SubscriptionView, CheckoutView])
  .meta({ id: 'Subscribed', examples: [exampleCheckout, exampleSubscription] });
export type SubscribedView = z.infer<typeof SubscribedView>;

export const UsageView = z
  .object({
    periodStart: instant,
    periodEnd: instant,
    callsUsed: count,
    callsReserved: count.describe('Calls under way'),
    callsLimit: limit,
    callsRemaining: limit,
    minutesUsed: count.describe('Whole minutes, every call rounded up'),
    minutesReserved: count.describe('What the calls under way may use at most'),
    minutesLimit: limit,
    minutesRemaining: limit,
    warnings: z
      .array(
        z.object({
          resource: z.enum(RESOURCES),
          threshold: z.literal(THRESHOLDS).describe('In percent of the limit: the highest one that is reached'),
        }),
      )
      .describe('What is used and reserved, where it reaches 80 % or all of a limit'),
  })
  .meta({
    id: 'Usage',
    examples: [
      {
        periodStart: '2026-11-05T08:00:00.000Z',
        periodEnd: '2026-12-05T08:00:00.000Z',
        callsUsed: 12,
        callsReserved: 1,
        callsLimit: 50,
        callsRemaining: 37,
        minutesUsed: 84,
        minutesReserved: 2,
        minutesLimit: 100,
        minutesRemaining: 14,
        warnings: [{ resource: 'minutes', threshold: 80 }],
      },
    ],
  });
export type UsageView = z.infer<typeof UsageView>;

export const UsageEntryView = z
  .object({
    id: z.uuid(),
    kind: z.enum(LINE_KINDS).describe('adjust: charged afterwards, when proof came late that the call took place'),
    callQueueId: z.uuid(),
    attemptId: z.uuid(),
    calls: count,
    minutes: count,
    createdAt: instant,
  })
  .meta({ id: 'UsageEntry', examples: [exampleEntry] });
export type UsageEntryView = z.infer<typeof UsageEntryView>;

export const UsageEntriesView = z
  .object({ items: z.array(UsageEntryView), nextCursor: z.string().nullable() })
  .meta({ id: 'UsageEntries', examples: [{ items: [exampleEntry], nextCursor: null }] });
export type UsageEntriesView = z.infer<typeof UsageEntriesView>;

export const UsageEntriesQuery = z.strictObject(pageQuery);
export type UsageEntriesQuery = z.infer<typeof UsageEntriesQuery>;
