import type { Plan } from '../../domain/plan';

/** The plans on offer. */
export abstract class Plans {
  /** Every plan, the smallest tier first, monthly before yearly. */
  abstract list(): Promise<readonly Plan[]>;
  abstract find(planId: string): Promise<Plan | undefined>;
}
