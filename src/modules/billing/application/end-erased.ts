import { Injectable, Logger } from '@nestjs/common';
import { UserDirectory } from '../../users/public/user-directory.port';
import { PaymentObjectMissing } from '../domain/billing.errors';
import { isOver } from '../domain/paid-subscription';
import type { Reading } from '../domain/read-payment-subscription';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/** What a few erasures explain, until the payment side has told that it has ended what they left. */
const FEW = 5;

/**
 * Ends at the payment side what was recorded for users who are erased, and closes the pages where more could be bought.
 * Many at once are no erasures but a database that isn't the only one with this account, such as a copy for tests whose
 * users were taken out: there the users may live, in the original, so nothing is ended and a person is told.
 */
@Injectable()
export class EndErased {
  private readonly logger = new Logger(EndErased.name);
  private told = 0;

  constructor(
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly users: UserDirectory,
    private readonly payments: PaymentGateway,
  ) {}

  /** @throws PaymentsUnavailable when one could not be ended: whoever asked tries again */
  async execute(customerId: string, ours: readonly Reading[]): Promise<void> {
    const erased: Reading[] = [];
    for (const reading of ours) if (!(await this.isThere(reading))) erased.push(reading);
    if (erased.length === 0 || (await this.areTooMany())) return;
    await this.closePages(customerId);
    for (const { record } of erased.filter((reading) => !isOver(reading.record))) {
      await this.payments.cancelNow(record.paymentId);
      this.logger.warn(
        `Subscription ${record.paymentId} of customer ${customerId} belonged to a user who is erased. It has been ended ` +
          'at the payment side and what was unused credited: consider a refund.',
      );
    }
  }

  private async isThere({ source }: Reading): Promise<boolean> {
    return source.userId !== null && (await this.users.contactOf(source.userId)) !== undefined;
  }

  /** Told once for each number. */
  private async areTooMany(): Promise<boolean> {
    const count = await this.paidSubscriptions.countWithoutUser();
    const areTooMany = count > FEW;
    if (areTooMany && count !== this.told) {
      this.logger.error(
        `${String(count)} paid subscriptions belong to no user in this database, more than a few erasures explain: none ` +
          "is ended. A copy of a database must not use the original's Stripe key: give it another one. If their users " +
          'were erased here, end them on the Subscriptions page of the Stripe dashboard; this shows which: select ' +
          "stripe_sub_id from user_subscriptions where user_id is null and status <> 'canceled'",
      );
    }
    this.told = areTooMany ? count : 0;
    return areTooMany;
  }

  private async closePages(customerId: string): Promise<void> {
    try {
      await this.payments.closeCheckouts(customerId, null);
    } catch (error) {
      // Deleted there as well: nobody can buy as that customer.
      if (!(error instanceof PaymentObjectMissing)) throw error;
    }
  }
}
