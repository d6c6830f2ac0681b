import { Injectable } from '@nestjs/common';
import { type AfterErasure, SubscriberErasure } from '../../billing/public/subscriber-erasure.port';
import { UserErasure } from '../../users/public/user-erasure.port';
import { PersonalData } from './ports/personal-data.port';

/** Clears what every part of the service knows of a user whose calls have ended, in the surrounding unit of work. */
@Injectable()
export class ForgetUser {
  constructor(
    private readonly personalData: PersonalData,
    private readonly subscribers: SubscriberErasure,
    private readonly users: UserErasure,
  ) {}

  /** Closes what the user could still buy on, outside of any unit of work and before the user is forgotten. */
  endSales(userId: string): Promise<void> {
    return this.subscribers.closePages(userId);
  }

  /** Has nothing of the user added or changed by others until the unit of work is over. Comes before everything else. */
  async hold(userId: string): Promise<void> {
    await this.subscribers.hold(userId);
    await this.users.hold(userId);
    await this.personalData.hold(userId);
  }

  /** @returns what is left to do once the unit of work has committed */
  async execute(userId: string): Promise<AfterErasure> {
    await this.personalData.clear(userId);
    const afterwards = await this.subscribers.erase(userId);
    await this.users.erase(userId);
    return afterwards;
  }
}
