import { Injectable } from '@nestjs/common';
import { FindOwner } from './find-owner';
import { FollowOrphan } from './follow-orphan';
import type { PaymentAnswer } from './payment-answer';
import { PaymentGateway } from './ports/payment-gateway.port';
import { RecordAnswer } from './record-answer';

/**
 * Makes ours follow what the payment side said about a customer. What is paid for beside the live subscription is ended
 * there after the commit, and a change that somebody left half done is finished; whoever dies before that leaves it to
 * the next answer, which shows it again.
 */
@Injectable()
export class FollowCustomer {
  constructor(
    private readonly findOwner: FindOwner,
    private readonly recordAnswer: RecordAnswer,
    private readonly followOrphan: FollowOrphan,
    private readonly payments: PaymentGateway,
  ) {}

  /** @throws PaymentsUnavailable when a surplus subscription could not be ended */
  async execute(answer: PaymentAnswer): Promise<void> {
    const owner = await this.findOwner.execute(answer);
    if (!owner) return this.followOrphan.execute(answer);
    for (const paymentId of await this.recordAnswer.execute(owner, answer)) await this.payments.cancelNow(paymentId);
    const unfinished = answer.subscriptions.filter(({ hasUnfinishedChange }) => hasUnfinishedChange);
    for (const { id } of unfinished) await this.payments.finishInterrupted(id);
  }
}
