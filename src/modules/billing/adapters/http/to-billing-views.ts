import type { UsageEntry } from '../../application/ports/usage-reports.port';
import type { Allowance } from '../../domain/allowance';
import type { Plan } from '../../domain/plan';
import { currentPeriod, type Subscription } from '../../domain/subscription';
import type { PlanView, SubscriptionView, UsageEntryView, UsageView } from './billing.schemas';

export function toPlanView(plan: Plan): PlanView {
  return { ...plan, features: [...plan.features] };
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

export function toUsageView({ period, calls, minutes }: Allowance): UsageView {
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
  };
}

export function toUsageEntryView(entry: UsageEntry): UsageEntryView {
  return { ...entry, createdAt: entry.createdAt.toISOString() };
}
