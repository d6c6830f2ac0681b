import { Injectable } from '@nestjs/common';
import { RequireSubscriber } from './require-subscriber';
import { StartFreePlan } from './start-free-plan';

/**
 * Starts the free plan, in the surrounding unit of work, for a user who asks for it and has no live subscription. Nothing
 * but the user's token says that there is such a user.
 */
@Injectable()
export class GiveFreePlan {
  constructor(
    private readonly requireSubscriber: RequireSubscriber,
    private readonly startFreePlan: StartFreePlan,
  ) {}

  /** @throws SubscriberNotFound */
  async execute(userId: string): Promise<void> {
    await this.requireSubscriber.execute(userId);
    await this.startFreePlan.execute(userId);
  }
}
