import { Injectable } from '@nestjs/common';
import { NoSubscription } from '../domain/billing.errors';
import { isFree, type Plan } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { ChangePaidPlan } from './change-paid-plan';
import { ChangeSubscriptions } from './change-subscriptions';
import { GiveFreePlan } from './give-free-plan';
import type { Subscribed } from './plan-choice';
import { Subscriptions } from './ports/subscriptions.port';

/** Gives a user the free plan: at once, or when the period of the paid one ends. */
@Injectable()
export class ChooseFreePlan {
  constructor(
    private readonly changeSubscriptions: ChangeSubscriptions,
    private readonly subscriptions: Subscriptions,
    private readonly giveFreePlan: GiveFreePlan,
    private readonly changePaidPlan: ChangePaidPlan,
  ) {}

  async execute(userId: string, free: Plan): Promise<Subscribed> {
    const { live, kind } = await this.startUnlessLive(userId);
    if (isFree(live.plan)) return { kind, subscription: live };
    return { kind: 'existing', subscription: await this.changePaidPlan.execute(live, free) };
  }

  private startUnlessLive(userId: string): Promise<{ readonly live: Subscription; readonly kind: 'new' | 'existing' }> {
    return this.changeSubscriptions.execute(userId, async (live) => {
      if (live) return { live, kind: 'existing' };
      await this.giveFreePlan.execute(userId);
      const started = await this.subscriptions.findLive(userId);
      if (!started) throw new NoSubscription();
      return { live: started, kind: 'new' };
    });
  }
}
