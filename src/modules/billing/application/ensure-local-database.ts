import { Injectable } from '@nestjs/common';
import { PaymentsUnavailable } from '../domain/billing.errors';
import { LOCAL_PREFIX } from '../domain/local-ids';
import { Customers } from './ports/customers.port';
import { Plans } from './ports/plans.port';

/**
 * Keeps the local payment page from selling where a payment vendor has sold: it knows nothing of the vendor's customers
 * and prices, and whoever puts the vendor's key back would find both sides' mixed.
 */
@Injectable()
export class EnsureLocalDatabase {
  constructor(
    private readonly customers: Customers,
    private readonly plans: Plans,
  ) {}

  /** @throws PaymentsUnavailable */
  async execute(): Promise<void> {
    const isForeign = (await this.customers.hasOther(LOCAL_PREFIX)) || (await this.plans.hasOtherPrices(LOCAL_PREFIX));
    if (isForeign) throw new PaymentsUnavailable();
  }
}
