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

  /**
   * Notes the price at which a plan is sold from now on. Earlier ones go on meaning this plan. A price of the local
   * payment page never takes the place of a vendor's.
   * @returns whether it is another one
   */
  abstract rememberPrice(planId: string, priceId: string): Promise<boolean>;

  /** Plans that are sold at a price that begins so are no longer on sale. Who has bought keeps the plan. @returns how many */
  abstract forgetPrices(prefix: string): Promise<number>;

  /** Whether any plan is sold at a price that begins otherwise. */
  abstract hasOtherPrices(prefix: string): Promise<boolean>;
}
