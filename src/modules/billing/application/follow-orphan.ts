import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { isOver, type PaidSubscription } from '../domain/paid-subscription';
import { isPaidFor, type Reading, readPaymentSubscription } from '../domain/read-payment-subscription';
import type { PaymentAnswer } from './payment-answer';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { ReadTerms } from './read-terms';

/**
 * Keeps the books of a customer without a user: what was recorded before the user was erased follows the payment side
 * and is ended there, since nobody is left to use or to cancel it. Nothing is added; what we never recorded is only told
 * to a person, since somebody else may sell at the same account.
 */
@Injectable()
export class FollowOrphan {
  private readonly logger = new Logger(FollowOrphan.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly readTerms: ReadTerms,
    private readonly payments: PaymentGateway,
  ) {}

  /** @throws PaymentsUnavailable when one could not be ended: whoever asked tries again */
  async execute(answer: PaymentAnswer): Promise<void> {
    const terms = await this.readTerms.execute(answer.subscriptions);
    const recorded = await this.paidSubscriptions.withoutUser(answer.subscriptions.map(({ id }) => id));
    const readings = answer.subscriptions.flatMap((source) => {
      const record = recorded.find(({ paymentId }) => paymentId === source.id);
      return readPaymentSubscription(source, record, terms).reading ?? [];
    });
    const isOurs = ({ record }: Reading): boolean => recorded.some(({ paymentId }) => paymentId === record.paymentId);
    const ours = readings.filter(isOurs).map(({ record }) => record);
    this.alert(
      answer.customerId,
      readings.filter((reading) => !isOurs(reading)),
    );
    await this.unitOfWork.run(() => this.paidSubscriptions.record(null, ours, answer.askedAt));
    await this.end(answer.customerId, ours);
  }

  private alert(customerId: string, strangers: readonly Reading[]): void {
    for (const { source } of strangers.filter(isPaidFor)) {
      this.logger.error(
        `Customer ${customerId} pays for subscription ${source.id}, and no user was ever recorded for it. ` +
          'Nobody can use it: end it at the payment side.',
      );
    }
  }

  /** After the commit: that it has ended comes with the next answer. */
  private async end(customerId: string, ours: readonly PaidSubscription[]): Promise<void> {
    for (const { paymentId } of ours.filter((record) => !isOver(record))) {
      await this.payments.cancelNow(paymentId);
      this.logger.warn(
        `Subscription ${paymentId} of customer ${customerId} belonged to a user who is erased. It has been ended at ` +
          'the payment side and what was unused credited: consider a refund.',
      );
    }
  }
}
