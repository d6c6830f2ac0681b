import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Profile } from '../domain/profile';
import { UserNotFound } from '../domain/users.errors';
import { Profiles } from './ports/profiles.port';

@Injectable()
export class ReadProfile {
  constructor(
    private readonly profiles: Profiles,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws UserNotFound */
  async execute(user: UserClaims): Promise<Profile> {
    const profile = await this.unitOfWork.asUser(user, () => this.profiles.find(user.sub));
    if (!profile) throw new UserNotFound();
    return profile;
  }
}
