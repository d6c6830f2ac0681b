import { Injectable } from '@nestjs/common';
import { ProfileActivation } from '../../users/public/profile-activation.port';
import type { SubscriptionChanged } from '../public/subscription-changed.event';

/** Keeps a profile active exactly while its user has a live subscription. */
@Injectable()
export class ActivateProfile {
  constructor(private readonly profiles: ProfileActivation) {}

  async execute(events: readonly SubscriptionChanged[]): Promise<void> {
    for (const { userId, isLive } of events) await this.profiles.setActive(userId, isLive);
  }
}
