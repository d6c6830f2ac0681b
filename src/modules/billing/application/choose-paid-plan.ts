import { Injectable } from '@nestjs/common';
import { isFree, type Plan } from '../domain/plan';
import { BillingSettings } from './billing-settings';
import { ChangePaidPlan } from './change-paid-plan';
import { OpenCheckout } from './open-checkout';
import type { PlanChoice, Subscribed } from './plan-choice';
import { SyncUser } from './sync-user';

/**
 * Gives a user a paid plan. First the payment side is asked: what was bought there a moment ago, in another tab or
 * unheard of, is changed instead of bought a second time.
 */
@Injectable()
export class ChoosePaidPlan {
  constructor(
    private readonly syncUser: SyncUser,
    private readonly changePaidPlan: ChangePaidPlan,
    private readonly openCheckout: OpenCheckout,
    private readonly settings: BillingSettings,
  ) {}

  async execute({ userId, successUrl, cancelUrl }: PlanChoice, plan: Plan): Promise<Subscribed> {
    const live = await this.syncUser.execute(userId);
    if (live && !isFree(live.plan)) {
      return { kind: 'existing', subscription: await this.changePaidPlan.execute(live, plan) };
    }
    const pages = `${this.settings.publicUrl}/v1/payments`;
    const url = await this.openCheckout.execute({
      userId,
      plan,
      successUrl: successUrl ?? `${pages}/succeeded`,
      cancelUrl: cancelUrl ?? `${pages}/canceled`,
    });
    return { kind: 'checkout', url };
  }
}
