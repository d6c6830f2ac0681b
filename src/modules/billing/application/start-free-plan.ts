import { Injectable } from '@nestjs/common';
import { monthContaining, monthFrom } from '../domain/period';
import { isFree } from '../domain/plan';
import { Plans } from './ports/plans.port';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Starts the free plan, in the surrounding unit of work, for a user without a live subscription. Whoever leaves it and
 * comes back finds the allowance as it was left: the same months go on.
 */
@Injectable()
export class StartFreePlan {
  constructor(
    private readonly plans: Plans,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** @throws SubscriberNotFound */
  async execute(userId: string): Promise<void> {
    const free = (await this.plans.list()).find(isFree);
    if (!free) throw new Error('There is no free plan');
    const now = await this.subscriptions.now();
    const earlier = await this.subscriptions.lastFreePeriod(userId);
    const period = earlier ? monthContaining(earlier, now) : monthFrom(now);
    await this.subscriptions.start({ userId, planId: free.id, period });
  }
}
