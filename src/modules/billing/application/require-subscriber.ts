import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { UserDirectory } from '../../users/public/user-directory.port';
import { SubscriberNotFound } from '../domain/billing.errors';
import { Subscriptions } from './ports/subscriptions.port';

/**
 * Makes sure that a user is there, and stays until the surrounding unit of work is over: whoever erases one holds the same
 * lock. A token outlives its user, so whatever is about to be added for somebody who asks for it depends on this.
 */
@Injectable()
export class RequireSubscriber {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly users: UserDirectory,
  ) {}

  /** @throws SubscriberNotFound also where the user was erased while this waited */
  execute(userId: string): Promise<void> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      if (!(await this.users.contactOf(userId))) throw new SubscriberNotFound();
    });
  }
}
