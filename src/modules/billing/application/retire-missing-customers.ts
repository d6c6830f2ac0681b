import { Injectable } from '@nestjs/common';
import { EveryCustomerMissing, PaymentObjectMissing } from '../domain/billing.errors';
import { Customers } from './ports/customers.port';
import { PaymentGateway } from './ports/payment-gateway.port';
import { RetireCustomer } from './retire-customer';

/** What is to be done about customers who are missing. */
export interface Leave {
  /** Otherwise they are only looked for. */
  readonly isConfirmed: boolean;
  /** Also when nobody at all is there, of several. */
  readonly mayBeAll: boolean;
}

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
   * Everybody is asked about before the first one is retired; then one by one.
   * @throws EveryCustomerMissing, PaymentsUnavailable; who was retired before stays so, and repeating goes on
   */
  async *execute({ isConfirmed, mayBeAll }: Leave): AsyncGenerator<CheckedCustomer> {
    const checked: CheckedCustomer[] = [];
    for (const customerId of await this.customers.remaining('')) {
      checked.push({ customerId, isMissing: await this.isMissing(customerId) });
    }
    const areAllMissing = checked.length > 1 && checked.every(({ isMissing }) => isMissing);
    if (isConfirmed && areAllMissing && !mayBeAll) throw new EveryCustomerMissing(checked.length);
    for (const customer of checked) {
      if (customer.isMissing && isConfirmed) await this.retireCustomer.execute(customer.customerId, () => true);
      yield customer;
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
