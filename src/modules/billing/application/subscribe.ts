import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { NoSubscription, PaymentsUnavailable, PlanNotFound } from '../domain/billing.errors';
import { monthContaining, monthFrom } from '../domain/period';
import { isFree, type Plan } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { SubscriptionChanged } from '../public/subscription-changed.event';
import { Plans } from './ports/plans.port';
import { Subscriptions } from './ports/subscriptions.port';

export interface Subscribed {
  readonly subscription: Subscription;
  /** False when the user had the plan already. */
  readonly isNew: boolean;
}

/**
 * Subscribes a user to a plan.
 * @throws PlanNotFound, PaymentsUnavailable, SubscriberNotFound
 */
@Injectable()
export class Subscribe {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly plans: Plans,
    private readonly subscriptions: Subscriptions,
    private readonly events: DomainEvents,
  ) {}

  execute(userId: string, planId: string): Promise<Subscribed> {
    return this.unitOfWork.run(async () => {
      const plan = await this.plans.find(planId);
      if (!plan) throw new PlanNotFound();
      await this.subscriptions.lockFor(userId);
      const live = await this.subscriptions.findLive(userId);
      if (live?.plan.id === plan.id) return { subscription: live, isNew: false };
      if (live || !isFree(plan)) throw new PaymentsUnavailable();
      return { subscription: await this.startFree(userId, plan), isNew: true };
    });
  }

  /** Whoever leaves the free plan and comes back finds the allowance as it was left: the same months go on. */
  private async startFree(userId: string, plan: Plan): Promise<Subscription> {
    const now = await this.subscriptions.now();
    const earlier = await this.subscriptions.lastFreePeriod(userId);
    const period = earlier ? monthContaining(earlier, now) : monthFrom(now);
    await this.subscriptions.start({ userId, planId: plan.id, period });
    await this.events.publish(new SubscriptionChanged(userId, true));
    const started = await this.subscriptions.findLive(userId);
    if (!started) throw new NoSubscription();
    return started;
  }
}
