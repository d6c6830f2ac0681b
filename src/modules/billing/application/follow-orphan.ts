import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { isPaidFor, type Reading, readPaymentSubscription } from '../domain/read-payment-subscription';
import { EndErased } from './end-erased';
import type { PaymentAnswer } from './payment-answer';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
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
    private readonly endErased: EndErased,
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
    const ours = readings.filter(isOurs);
    await this.alert(
      answer.customerId,
      readings.filter((reading) => !isOurs(reading)),
    );
    const records = ours.map(({ record }) => record);
    await this.unitOfWork.run(() => this.paidSubscriptions.record(null, records, answer.askedAt));
    // After the commit: that something has ended comes with the next answer.
    await this.endErased.execute(answer.customerId, ours);
  }

  /** Of what a user has as another customer something else is told. */
  private async alert(customerId: string, strangers: readonly Reading[]): Promise<void> {
    const paid = strangers.filter(isPaidFor).map(({ source }) => source.id);
    const ofUsers = await this.paidSubscriptions.withUser(paid);
    for (const id of paid.filter((paymentId) => !ofUsers.includes(paymentId))) {
      this.logger.error(
        `Customer ${customerId} pays for subscription ${id}, and no user was ever recorded for it. ` +
          'Nobody can use it: end it at the payment side.',
      );
    }
  }
}
