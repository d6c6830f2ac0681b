import { Injectable } from '@nestjs/common';
import { SubscriberErasure } from '../../billing/public/subscriber-erasure.port';
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

  /** Has nothing of the user added or changed by others until the unit of work is over. Comes before everything else. */
  async hold(userId: string): Promise<void> {
    await this.subscribers.hold(userId);
    await this.users.hold(userId);
  }

  async execute(userId: string): Promise<void> {
    await this.personalData.clear(userId);
    await this.subscribers.erase(userId);
    await this.users.erase(userId);
  }
}
