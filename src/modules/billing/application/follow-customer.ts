import { Injectable } from '@nestjs/common';
import { FindOwner } from './find-owner';
import { FollowOrphan } from './follow-orphan';
import { FollowOwner } from './follow-owner';
import type { PaymentAnswer } from './payment-answer';

/** Makes ours follow what the payment side said about a customer. */
@Injectable()
export class FollowCustomer {
  constructor(
    private readonly findOwner: FindOwner,
    private readonly followOwner: FollowOwner,
    private readonly followOrphan: FollowOrphan,
  ) {}

  /** @throws PaymentsUnavailable when something there could not be ended or finished */
  async execute(answer: PaymentAnswer): Promise<void> {
    const owner = await this.findOwner.execute(answer);
    await (owner ? this.followOwner.execute(owner, answer) : this.followOrphan.execute(answer));
  }
}
