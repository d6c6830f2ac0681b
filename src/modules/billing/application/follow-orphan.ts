import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { isPaidFor, type Reading, readPaymentSubscription } from '../domain/read-payment-subscription';
import type { PaymentAnswer } from './payment-answer';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { ReadTerms } from './read-terms';

/**
 * Keeps the books of a customer without a user: what was recorded before the user was erased follows the payment side,
 * nothing is added, and what is still paid for is told to a person. Who buys something else from the same account is no
 * business of ours.
 */
@Injectable()
export class FollowOrphan {
  private readonly logger = new Logger(FollowOrphan.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly readTerms: ReadTerms,
  ) {}

  async execute(answer: PaymentAnswer): Promise<void> {
    const terms = await this.readTerms.execute(answer.subscriptions);
    const recorded = await this.paidSubscriptions.withoutUser(answer.subscriptions.map(({ id }) => id));
    const readings = answer.subscriptions.flatMap((source) => {
      const record = recorded.find(({ paymentId }) => paymentId === source.id);
      return readPaymentSubscription(source, record, terms).reading ?? [];
    });
    this.alert(answer.customerId, readings);
    const records = readings.map(({ record }) => record);
    const ours = records.filter(({ paymentId }) => recorded.some((record) => record.paymentId === paymentId));
    await this.unitOfWork.run(() => this.paidSubscriptions.record(null, ours, answer.askedAt));
  }

  private alert(customerId: string, readings: readonly Reading[]): void {
    for (const { source } of readings.filter(isPaidFor)) {
      this.logger.error(
        `Customer ${customerId} pays for subscription ${source.id} and is no user (any more). ` +
          'Nobody can use it: end it at the payment side.',
      );
    }
  }
}
