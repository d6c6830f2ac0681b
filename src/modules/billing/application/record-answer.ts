import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { ApplyAnswer } from './apply-answer';
import { type PaymentAnswer, showsCustomer } from './payment-answer';
import { type Customer, Customers } from './ports/customers.port';
import { Subscriptions } from './ports/subscriptions.port';

/** Records what the payment side said about a user, unless something later was recorded already. One transaction. */
@Injectable()
export class RecordAnswer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly subscriptions: Subscriptions,
    private readonly customers: Customers,
    private readonly applyAnswer: ApplyAnswer,
  ) {}

  /** @returns the subscriptions that are to be ended at the payment side */
  execute(
    { userId, customerId, hasUsedTrial, isDeleted }: Customer,
    answer: PaymentAnswer,
  ): Promise<readonly string[]> {
    return this.unitOfWork.run(async () => {
      await this.subscriptions.lockFor(userId);
      if (!(await this.customers.noteAnswer(customerId, answer.askedAt))) return [];
      const { surplusIds, hasHadTrial } = await this.applyAnswer.execute(userId, answer);
      if (hasHadTrial && !hasUsedTrial) await this.customers.noteTrialUsed(customerId);
      if (isDeleted && showsCustomer(answer)) await this.customers.noteThere(customerId);
      if (answer.isDeleted === true) await this.customers.noteDeleted(customerId);
      return surplusIds;
    });
  }
}
