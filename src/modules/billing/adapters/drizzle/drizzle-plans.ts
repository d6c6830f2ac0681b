import { Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { Plans } from '../../application/ports/plans.port';
import type { Plan } from '../../domain/plan';
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
}
