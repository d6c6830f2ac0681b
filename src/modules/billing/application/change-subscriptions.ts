import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
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

  execute<T>(userId: string, change: () => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      const wasLive = await this.isLive(userId);
      const result = await change();
      await this.allowances.refresh(userId);
      const isLive = await this.isLive(userId);
      if (isLive !== wasLive) await this.events.publish(new SubscriptionChanged(userId, isLive));
      return result;
    });
  }

  private async isLive(userId: string): Promise<boolean> {
    return (await this.subscriptions.findLive(userId)) !== undefined;
  }
}
