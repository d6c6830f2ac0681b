import { Injectable } from '@nestjs/common';
import { and, eq, inArray, isNull, not, or, sql, type SQL } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { Plans } from '../../application/ports/plans.port';
import { isLocalId, LOCAL_PREFIX } from '../../domain/local-ids';
import type { Plan } from '../../domain/plan';
import { planPrices } from './plan-prices.table';
import { subscriptionPlans } from './subscription-plans.table';

/** The columns of a plan that users may see. */
export const PLAN_COLUMNS = {
  id: subscriptionPlans.id,
  slug: subscriptionPlans.slug,
  name: subscriptionPlans.name,
  description: subscriptionPlans.description,
  price: subscriptionPlans.price,
  currency: subscriptionPlans.currency,
  interval: subscriptionPlans.interval,
  features: subscriptionPlans.features,
  callLimit: subscriptionPlans.callLimit,
  minutesLimit: subscriptionPlans.minutesLimit,
  trialDays: subscriptionPlans.trialDays,
};

@Injectable()
export class DrizzlePlans extends Plans {
  constructor(private readonly database: Database) {
    super();
  }

  async list(): Promise<readonly Plan[]> {
    return this.database.current
      .select(PLAN_COLUMNS)
      .from(subscriptionPlans)
      .orderBy(
        sql`array_position(array['free', 'basic', 'business', 'enterprise'], ${subscriptionPlans.slug})`,
        subscriptionPlans.interval,
      );
  }

  async find(planId: string): Promise<Plan | undefined> {
    const [plan] = await this.database.current
      .select(PLAN_COLUMNS)
      .from(subscriptionPlans)
      .where(eq(subscriptionPlans.id, planId));
    return plan;
  }

  async findByPrices(priceIds: readonly string[]): Promise<ReadonlyMap<string, Plan>> {
    if (priceIds.length === 0) return new Map();
    const rows = await this.database.current
      .select({ priceId: planPrices.stripePriceId, plan: PLAN_COLUMNS })
      .from(planPrices)
      .innerJoin(subscriptionPlans, eq(subscriptionPlans.id, planPrices.planId))
      .where(inArray(planPrices.stripePriceId, [...priceIds]));
    return new Map(rows.map(({ priceId, plan }) => [priceId, plan]));
  }

  /** A price that nobody could tell the plan from again would be paid for nothing: it counts as none. */
  async priceOf(planId: string): Promise<string | undefined> {
    const [plan] = await this.database.current
      .select({ priceId: subscriptionPlans.stripePriceId })
      .from(subscriptionPlans)
      .innerJoin(
        planPrices,
        and(eq(planPrices.stripePriceId, subscriptionPlans.stripePriceId), eq(planPrices.planId, subscriptionPlans.id)),
      )
      .where(eq(subscriptionPlans.id, planId));
    return plan?.priceId ?? undefined;
  }

  /** The plan's row is written first, so that two who remember prices of one plan come one after the other. */
  async rememberPrice(planId: string, priceId: string): Promise<boolean> {
    const { rowCount } = await this.database.current
      .update(subscriptionPlans)
      .set({ stripePriceId: priceId })
      .where(
        and(
          eq(subscriptionPlans.id, planId),
          sql`${subscriptionPlans.stripePriceId} is distinct from ${priceId}`,
          isLocalId(priceId) ? or(isNull(subscriptionPlans.stripePriceId), begins(LOCAL_PREFIX)) : undefined,
        ),
      );
    await this.database.current
      .insert(planPrices)
      .values({ stripePriceId: priceId, planId })
      .onConflictDoUpdate({
        target: planPrices.stripePriceId,
        set: { planId },
        setWhere: sql`${planPrices.planId} <> excluded.plan_id`,
      });
    return rowCount === 1;
  }

  async forgetPrices(prefix: string): Promise<number> {
    const { rowCount } = await this.database.current
      .update(subscriptionPlans)
      .set({ stripePriceId: null })
      .where(begins(prefix));
    return rowCount ?? 0;
  }

  async hasOtherPrices(prefix: string): Promise<boolean> {
    const rows = await this.database.current
      .select({ id: subscriptionPlans.id })
      .from(subscriptionPlans)
      .where(not(begins(prefix)))
      .limit(1);
    return rows.length > 0;
  }
}

/** Null for a plan that is not on sale. */
function begins(prefix: string): SQL {
  return sql`starts_with(${subscriptionPlans.stripePriceId}, ${prefix})`;
}
