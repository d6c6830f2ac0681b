import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { Subscription } from '../domain/subscription';
import { SubscriptionChanged } from '../public/subscription-changed.event';
import { Allowances } from './ports/allowances.port';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Runs a change of a user's subscriptions: one at a time per user, and in the same transaction the allowance follows,
 * and whoever cares hears when a live one began or ended.
 */
@Injectable()
export class ChangeSubscriptions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly allowances: Allowances,
    private readonly events: DomainEvents,
  ) {}

  /** `change` gets what is live before. */
  execute<T>(userId: string, change: (live: Subscription | undefined) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      const live = await this.subscriptions.findLive(userId);
      const result = await change(live);
      await this.allowances.refresh(userId);
      const isLive = (await this.subscriptions.findLive(userId)) !== undefined;
      if (isLive !== (live !== undefined)) await this.events.publish(new SubscriptionChanged(userId, isLive));
      return result;
    });
  }
}
