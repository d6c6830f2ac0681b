export const TIERS = ['free', 'basic', 'business', 'enterprise'] as const;
export type Tier = (typeof TIERS)[number];

export const INTERVALS = ['monthly', 'yearly'] as const;
export type Interval = (typeof INTERVALS)[number];

/** What users subscribe to. The limits hold for a month, on yearly plans too; null = unlimited. */
export interface Plan {
  readonly id: string;
  readonly slug: Tier;
  readonly name: string;
  readonly description: string;
  /** In whole units of the currency, per interval. */
  readonly price: number;
  /** ISO 4217, in lower case. */
  readonly currency: string;
  readonly interval: Interval;
  readonly features: readonly string[];
  readonly callLimit: number | null;
  readonly minutesLimit: number | null;
  /** How long the first paid subscription of a user is free at first; 0 = not at all. */
  readonly trialDays: number;
}

/** Whether the plan needs no payment, and so begins and ends at once. */
export function isFree(plan: Plan): boolean {
  return plan.slug === 'free';
}
