import type { UsageEntry } from '../../application/ports/usage-reports.port';
import type { Allowance } from '../../domain/allowance';
import type { Plan } from '../../domain/plan';
import { currentPeriod, type Subscription } from '../../domain/subscription';
import { usageWarnings } from '../../domain/usage-warning';
import type { PlanView, SubscriptionView, UsageEntryView, UsageView } from './billing.schemas';

export function toPlanView({ trialDays: _, features, ...plan }: Plan): PlanView {
  return { ...plan, features: [...features] };
}

export function toSubscriptionView(subscription: Subscription): SubscriptionView {
  const { id, plan, status, cancelAtPeriodEnd } = subscription;
  const { start, end } = currentPeriod(subscription);
  return {
    id,
    plan: toPlanView(plan),
    status,
    currentPeriodStart: start.toISOString(),
    currentPeriodEnd: end.toISOString(),
    cancelAtPeriodEnd,
  };
}

export function toUsageView(allowance: Allowance): UsageView {
  const { period, calls, minutes } = allowance;
  return {
    periodStart: period.start.toISOString(),
    periodEnd: period.end.toISOString(),
    callsUsed: calls.used,
    callsReserved: calls.reserved,
    callsLimit: calls.limit,
    callsRemaining: calls.remaining,
    minutesUsed: minutes.used,
    minutesReserved: minutes.reserved,
    minutesLimit: minutes.limit,
    minutesRemaining: minutes.remaining,
    warnings: [...usageWarnings(allowance)],
  };
}

export function toUsageEntryView(entry: UsageEntry): UsageEntryView {
  return { ...entry, createdAt: entry.createdAt.toISOString() };
}
