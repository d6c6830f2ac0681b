import { Injectable } from '@nestjs/common';
import { DomainEvents } from '../../../shared/kernel/domain-events.port';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { ProfileActivation } from '../../users/public/profile-activation.port';
import { CallOver, CallStep } from './observed-facts';
import { PersonalData } from './ports/personal-data.port';

/** Ends whatever a user has asked for, and lets the user ask for nothing more. */
@Injectable()
export class EndCallsOfUser {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly profiles: ProfileActivation,
    private readonly personalData: PersonalData,
    private readonly events: DomainEvents,
  ) {}

  /** @returns how many calls are still under way: their providers are asked to hang up by the next round of any instance */
  execute(userId: string): Promise<number> {
    return this.unitOfWork.run(async () => {
      await this.profiles.setActive(userId, false);
      const { canceled, underWay, unwanted } = await this.personalData.endCalls(userId);
      await this.events.publish(
        ...canceled.flatMap((id) => [new CallOver('canceled', 'canceled'), new CallStep('call.canceled', id)]),
        ...unwanted.map((id) => new CallStep('call.cancel_requested', id)),
      );
      return underWay;
    });
  }
}
