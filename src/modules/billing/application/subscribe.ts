import { Injectable } from '@nestjs/common';
import { PlanNotFound } from '../domain/billing.errors';
import { isFree } from '../domain/plan';
import { ChooseFreePlan } from './choose-free-plan';
import { ChoosePaidPlan } from './choose-paid-plan';
import type { PlanChoice, Subscribed } from './plan-choice';
import { Plans } from './ports/plans.port';

/**
 * Gives a user the chosen plan: the free one at once, a paid one after payment, or instead of the one the user has.
 * @throws PlanNotFound, SubscriberNotFound, PaymentsUnavailable, PaymentRequired, CheckoutSuperseded
 */
@Injectable()
export class Subscribe {
  constructor(
    private readonly plans: Plans,
    private readonly chooseFreePlan: ChooseFreePlan,
    private readonly choosePaidPlan: ChoosePaidPlan,
  ) {}

  async execute(choice: PlanChoice): Promise<Subscribed> {
    const plan = await this.plans.find(choice.planId);
    if (!plan) throw new PlanNotFound();
    if (isFree(plan)) return this.chooseFreePlan.execute(choice.userId, plan);
    return this.choosePaidPlan.execute(choice, plan);
  }
}
