import { Injectable } from '@nestjs/common';
import { firstFreeMonth } from '../domain/free-month';
import { isFree } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { Plans } from './ports/plans.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Starts the free plan, in the surrounding unit of work, for a user without a live subscription. */
@Injectable()
export class StartFreePlan {
  constructor(
    private readonly plans: Plans,
    private readonly subscriptions: Subscriptions,
  ) {}

  /**
   * @param endsNow what was live before, if it ends in the same unit of work
   * @throws SubscriberNotFound
   */
  async execute(userId: string, endsNow?: Subscription): Promise<void> {
    const free = (await this.plans.list()).find(isFree);
    if (!free) throw new Error('There is no free plan');
    const now = await this.subscriptions.now();
    const ended = endsNow ?? (await this.subscriptions.lastLapsed(userId));
    const earlier = await this.subscriptions.lastFreePeriod(userId);
    const period = firstFreeMonth({ free, ended, earlier, now });
    await this.subscriptions.start({ userId, planId: free.id, period });
  }
}
