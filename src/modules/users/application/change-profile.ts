import { Injectable } from '@nestjs/common';
import { UnitOfWork, type UserClaims } from '../../../shared/kernel/unit-of-work.port';
import type { Profile, ProfileChanges } from '../domain/profile';
import { UserNotFound } from '../domain/users.errors';
import { Profiles } from './ports/profiles.port';

@Injectable()
export class ChangeProfile {
  constructor(
    private readonly profiles: Profiles,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws UserNotFound */
  async execute(user: UserClaims, changes: ProfileChanges): Promise<Profile> {
    const profile = await this.unitOfWork.asUser(user, () => this.profiles.change(user.sub, changes));
    if (!profile) throw new UserNotFound();
    return profile;
  }
}
