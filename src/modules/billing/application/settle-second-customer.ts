import { Injectable, Logger } from '@nestjs/common';
import { isOver } from '../domain/paid-subscription';
import type { PaymentAnswer } from './payment-answer';
import { type Customer, Customers } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/**
 * Settles what a customer has for a user who is another customer now. What we never recorded is only told to a person.
 * What was the user's before comes back where somebody took leave of the customer by mistake (with another account's
 * key, say), unless the user has bought anew meanwhile: nobody pays twice.
 */
@Injectable()
export class SettleSecondCustomer {
  private readonly logger = new Logger(SettleSecondCustomer.name);

  constructor(
    private readonly customers: Customers,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly payments: PaymentGateway,
  ) {}

  /**
   * @returns the answer's customer when it is the user's again
   * @throws PaymentsUnavailable: whoever asked tries again
   */
  async execute(current: Customer, answer: PaymentAnswer): Promise<Customer | undefined> {
    const recorded = await this.paidSubscriptions.of(current.userId);
    const goingOn = answer.subscriptions.filter((subscription) => !isOver(subscription)).map(({ id }) => id);
    const known = goingOn.filter((id) => recorded.some(({ paymentId }) => paymentId === id));
    if (known.length === 0) {
      this.tell(current, answer);
      return undefined;
    }
    const hasAnother = recorded.some(({ status, paymentId }) => status !== 'canceled' && !goingOn.includes(paymentId));
    if (hasAnother) {
      await this.end(current, answer, known);
      return undefined;
    }
    await this.payments.closeCheckouts(current.customerId, null);
    await this.customers.takeBack(current.userId, answer.customerId, current.customerId);
    return this.customers.findByCustomerId(answer.customerId);
  }

  private tell({ userId, customerId }: Customer, answer: PaymentAnswer): void {
    this.logger.error(
      `Customer ${answer.customerId} has a subscription for user ${userId}, who is customer ${customerId} already. ` +
        'It grants nothing: end it at the payment side.',
    );
  }

  private async end({ userId, customerId }: Customer, answer: PaymentAnswer, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.payments.cancelNow(id);
      this.logger.error(
        `User ${userId} has bought anew as customer ${customerId}: subscription ${id} of the earlier customer ` +
          `${answer.customerId} is ended and what is unused credited there: consider a refund.`,
      );
    }
  }
}
