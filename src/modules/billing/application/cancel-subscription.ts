import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { NoSubscription, PaymentsUnavailable } from '../domain/billing.errors';
import { isFree } from '../domain/plan';
import type { Subscription } from '../domain/subscription';
import { SubscriptionChanged } from '../public/subscription-changed.event';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Ends a user's subscription: a free one at once.
 * @throws NoSubscription, PaymentsUnavailable
 */
@Injectable()
export class CancelSubscription {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly events: DomainEvents,
  ) {}

  execute(userId: string): Promise<Subscription> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      const live = await this.subscriptions.findLive(userId);
      if (!live) throw new NoSubscription();
      if (!isFree(live.plan)) throw new PaymentsUnavailable();
      await this.subscriptions.end(live.id);
      await this.events.publish(new SubscriptionChanged(userId, false));
      return { ...live, status: 'canceled' };
    });
  }
}
