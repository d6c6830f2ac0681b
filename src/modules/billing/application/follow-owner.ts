import { Injectable } from '@nestjs/common';
import { FinishChanges } from './finish-changes';
import type { PaymentAnswer } from './payment-answer';
import type { Customer } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { RecordAnswer } from './record-answer';

/**
 * Records what the payment side said about a user. After the commit, what is paid for beside the live subscription is
 * ended there, and a change that somebody left half done is finished; whoever dies before that leaves it to the next
 * answer, which shows it again.
 */
@Injectable()
export class FollowOwner {
  constructor(
    private readonly recordAnswer: RecordAnswer,
    private readonly finishChanges: FinishChanges,
    private readonly payments: PaymentGateway,
  ) {}

  /** @throws PaymentsUnavailable when something there could not be ended or finished */
  async execute(owner: Customer, answer: PaymentAnswer): Promise<void> {
    for (const paymentId of await this.recordAnswer.execute(owner, answer)) await this.payments.cancelNow(paymentId);
    await this.finishChanges.execute(owner.userId, answer);
  }
}
