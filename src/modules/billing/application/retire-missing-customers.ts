import { Injectable } from '@nestjs/common';
import { PaymentObjectMissing } from '../domain/billing.errors';
import { Customers } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { RetireCustomer } from './retire-customer';

export interface CheckedCustomer {
  readonly customerId: string;
  readonly isMissing: boolean;
}

/**
 * Takes leave of every customer whom the payment side's account never had, as after a change of the account. Only who
 * runs the service can know that: with the wrong key everybody would be missing. One who was deleted there is not
 * missing: the reconciliation follows that.
 */
@Injectable()
export class RetireMissingCustomers {
  constructor(
    private readonly customers: Customers,
    private readonly payments: PaymentGateway,
    private readonly retireCustomer: RetireCustomer,
  ) {}

  /**
   * One by one, as they are asked about.
   * @param isConfirmed otherwise only looks
   * @throws PaymentsUnavailable; who was retired before stays so, and repeating goes on
   */
  async *execute(isConfirmed: boolean): AsyncGenerator<CheckedCustomer> {
    for (const customerId of await this.customers.remaining('')) {
      const isMissing = await this.isMissing(customerId);
      if (isMissing && isConfirmed) await this.retireCustomer.execute(customerId, () => true);
      yield { customerId, isMissing };
    }
  }

  private async isMissing(customerId: string): Promise<boolean> {
    try {
      await this.payments.isDeleted(customerId);
      return false;
    } catch (error) {
      if (error instanceof PaymentObjectMissing) return true;
      throw error;
    }
  }
}
