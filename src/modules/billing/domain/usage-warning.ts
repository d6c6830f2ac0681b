import type { Allowance, Balance } from './allowance';

export const RESOURCES = ['calls', 'minutes'] as const;
export type Resource = (typeof RESOURCES)[number];

/** In percent of the limit, the highest first. */
export const THRESHOLDS = [100, 80] as const;
export type Threshold = (typeof THRESHOLDS)[number];

/** So much of a limit is used or spoken for. */
export interface UsageWarning {
  readonly resource: Resource;
  readonly threshold: Threshold;
}

/** The highest threshold that each resource has reached. What is unlimited never warns; what grants nothing is used up. */
export function usageWarnings(allowance: Pick<Allowance, Resource>): readonly UsageWarning[] {
  return RESOURCES.flatMap((resource) => {
    const threshold = THRESHOLDS.find((percent) => hasReached(allowance[resource], percent));
    return threshold === undefined ? [] : [{ resource, threshold }];
  });
}

function hasReached({ used, reserved, limit }: Balance, percent: Threshold): boolean {
  return limit !== null && (used + reserved) * 100 >= limit * percent;
}
