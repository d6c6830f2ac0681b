import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { isFree, type Plan } from '../domain/plan';
import { PaymentGateway } from './ports/payment-gateway.port';
import { Plans } from './ports/plans.port';

export interface OfferedPlan {
  readonly plan: Plan;
  readonly priceId: string;
  /** Whether it was sold at another price before, or not at all. */
  readonly isNew: boolean;
}

/**
 * Sells every paid plan at the price that the database says, and notes what it is called at the payment side. May be
 * repeated, also after a failure half way, and run by several at once. Who subscribed earlier keeps the earlier price.
 * @throws PaymentsUnavailable
 */
@Injectable()
export class OfferPlans {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly plans: Plans,
    private readonly gateway: PaymentGateway,
  ) {}

  async execute(): Promise<readonly OfferedPlan[]> {
    const offered: OfferedPlan[] = [];
    for (const plan of await this.plans.list()) {
      if (!isFree(plan)) offered.push(await this.offer(plan));
    }
    return offered;
  }

  private async offer(plan: Plan): Promise<OfferedPlan> {
    const priceId = await this.gateway.offer(plan);
    const isNew = await this.unitOfWork.run(() => this.plans.rememberPrice(plan.id, priceId));
    return { plan, priceId, isNew };
  }
}
