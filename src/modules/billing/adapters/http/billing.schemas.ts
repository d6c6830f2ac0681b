import { z } from 'zod';
import { pageQuery } from '../../../../shared/http/page.schemas';
import { LINE_KINDS } from '../../domain/ledger-line';
import { INTERVALS, TIERS } from '../../domain/plan';
import { SUBSCRIPTION_STATUSES } from '../../domain/subscription';

const url = z.url({ protocol: /^https?$/ }).max(2_000);
const count = z.int().min(0);
const limit = count.nullable().describe('null = unlimited');
const instant = z.iso.datetime();

export const ChoosePlan = z
  .strictObject({
    planId: z.uuid(),
    successUrl: url.optional().describe('Where the payment page sends the user after paying'),
    cancelUrl: url.optional().describe('Where the payment page sends a user who turns back'),
  })
  .meta({ id: 'ChoosePlan', examples: [{ planId: '5f0c8a3e-9d0b-4a53-8f5e-0d1f6f3a2b10' }] });
export type ChoosePlan = z.infer<typeof ChoosePlan>;

export const OpenPortal = z.strictObject({ returnUrl: url }).meta({ id: 'OpenPortal' });
export type OpenPortal = z.infer<typeof OpenPortal>;

export const PortalView = z.object({ url: z.url() }).meta({ id: 'Portal' });
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
  .meta({ id: 'Plan' });
export type PlanView = z.infer<typeof PlanView>;

export const PlansView = z.object({ items: z.array(PlanView) }).meta({ id: 'Plans' });
export type PlansView = z.infer<typeof PlansView>;

export const SubscriptionView = z
  .object({
    id: z.uuid(),
    plan: PlanView,
    status: z.enum(SUBSCRIPTION_STATUSES),
    currentPeriodStart: instant,
    currentPeriodEnd: instant,
    cancelAtPeriodEnd: z.boolean(),
  })
  .meta({ id: 'Subscription' });
export type SubscriptionView = z.infer<typeof SubscriptionView>;

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
  })
  .meta({ id: 'Usage' });
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
  .meta({ id: 'UsageEntry' });
export type UsageEntryView = z.infer<typeof UsageEntryView>;

export const UsageEntriesView = z
  .object({ items: z.array(UsageEntryView), nextCursor: z.string().nullable() })
  .meta({ id: 'UsageEntries' });
export type UsageEntriesView = z.infer<typeof UsageEntriesView>;

export const UsageEntriesQuery = z.strictObject(pageQuery);
export type UsageEntriesQuery = z.infer<typeof UsageEntriesQuery>;
