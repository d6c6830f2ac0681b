import { Injectable, Logger } from '@nestjs/common';
import { type Decision, decideSubscriptions } from '../domain/decide-subscriptions';
import { CarryOutDecision } from './carry-out-decision';
import type { PaymentAnswer } from './payment-answer';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { ReadTerms } from './read-terms';

/** Decides what an answer of the payment side means for a user, and has it carried out, in the surrounding unit of work. */
@Injectable()
export class ApplyAnswer {
  private readonly logger = new Logger(ApplyAnswer.name);

  constructor(
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly readTerms: ReadTerms,
    private readonly carryOutDecision: CarryOutDecision,
  ) {}

  async execute(userId: string, { subscriptions, isDeleted, askedAt }: PaymentAnswer): Promise<Decision> {
    const decision = decideSubscriptions({
      subscriptions,
      isDeleted: isDeleted === true,
      recorded: await this.paidSubscriptions.of(userId),
      unpaidSince: await this.paidSubscriptions.unpaidSince(userId),
      terms: await this.readTerms.execute(subscriptions),
    });
    for (const alert of decision.alerts) this.logger.error(`User ${userId}: ${alert}`);
    if (decision.isNews) await this.carryOutDecision.execute(userId, decision, askedAt);
    return decision;
  }
}
