import { Injectable, Logger } from '@nestjs/common';
import { isLocalId, LOCAL_PREFIX } from '../domain/local-ids';
import { BeforeComparison } from './before-comparison';
import { Customers } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { Plans } from './ports/plans.port';
import { RetireCustomer } from './retire-customer';

/** What was left of the local payment page. */
export interface RetiredLocalPayments {
  readonly customers: number;
  readonly prices: number;
}

/**
 * Ends what was bought on the local payment page, once somebody takes real money: nobody ever paid for it, and nobody
 * would ever end it. Its ids tell it from everything else. An instance
 * with the page that still runs may write anew, so each comparison looks again. A transaction per user; safe to repeat,
 * and at the same time.
 */
@Injectable()
export class RetireLocalPayments extends BeforeComparison {
  private readonly logger = new Logger('Billing');

  constructor(
    private readonly customers: Customers,
    private readonly paidSubscriptions: PaidSubscriptions,
    private readonly plans: Plans,
    private readonly retireCustomer: RetireCustomer,
  ) {
    super();
  }

  async execute(): Promise<RetiredLocalPayments> {
    const prices = await this.plans.forgetPrices(LOCAL_PREFIX);
    let customers = 0;
    for (const customerId of await this.left()) {
      if (await this.retireCustomer.execute(customerId, isLocalId)) customers += 1;
    }
    if (customers + prices > 0) {
      this.logger.warn(
        `The local payment page was used before: ${String(customers)} of its customers were retired, whose paid plans ` +
          `end, and ${String(prices)} of its prices taken from the plans. \`npm run stripe:sync-plans\` puts the plans on sale.`,
      );
    }
    return { customers, prices };
  }

  /** Also who has something of the page's that an instance with the page wrote after the customer was retired. */
  private async left(): Promise<ReadonlySet<string>> {
    const open = await this.paidSubscriptions.openCustomers();
    return new Set([
      ...(await this.customers.remaining(LOCAL_PREFIX)),
      ...open.filter(({ paymentIds }) => paymentIds.some(isLocalId)).map(({ customerId }) => customerId),
    ]);
  }
}
