import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import { NoSubscription } from '../domain/billing.errors';
import type { Subscription } from '../domain/subscription';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Shows a user the own live subscription.
 * @throws NoSubscription
 */
@Injectable()
export class GetSubscription {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
  ) {}

  async execute(user: UserClaims): Promise<Subscription> {
    const live = await this.unitOfWork.asUser(user, () => this.subscriptions.findLive(user.sub));
    if (!live) throw new NoSubscription();
    return live;
  }
}
