import type { Plan } from '../../domain/plan';

/** The plans on offer. */
export abstract class Plans {
  /** Every plan, the smallest tier first, monthly before yearly. */
  abstract list(): Promise<readonly Plan[]>;
  abstract find(planId: string): Promise<Plan | undefined>;

  /** The plans that are or once were sold at these prices of the payment side, by price. Unknown prices are left out. */
  abstract findByPrices(priceIds: readonly string[]): Promise<ReadonlyMap<string, Plan>>;

  /** The price at which a plan is sold now; undefined before it was offered. */
  abstract priceOf(planId: string): Promise<string | undefined>;

  /** Notes the price at which a plan is sold from now on. Earlier ones go on meaning this plan. @returns whether it is another one */
  abstract rememberPrice(planId: string, priceId: string): Promise<boolean>;
}
