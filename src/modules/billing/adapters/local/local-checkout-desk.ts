import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { asOfNow } from './local-checkout';
import { type CustomerFile, LocalCustomers } from './local-customers';
import { LocalRecords } from './local-records';
import type { LocalCheckout } from './local-records.schemas';
import { begin } from './local-subscription';

/** A checkout as it is now, and whose it is. */
export interface CheckoutAtDesk {
  readonly checkout: LocalCheckout;
  readonly email: string | null;
}

/** Serves who comes to buy. */
@Injectable()
export class LocalCheckoutDesk {
  constructor(
    private readonly records: LocalRecords,
    private readonly customers: LocalCustomers,
  ) {}

  /** @returns undefined for a checkout that doesn't exist */
  look(id: string): Promise<CheckoutAtDesk | undefined> {
    return this.at(id, (checkout, { customer }) => Promise.resolve({ checkout, email: customer.email }));
  }

  /** Buys once, however often it is pressed. @returns the checkout afterwards; undefined when it doesn't exist */
  pay(id: string): Promise<CheckoutAtDesk | undefined> {
    return this.at(id, async (checkout, { customer, now }) => {
      const { email } = customer;
      if (checkout.status !== 'open') return { checkout, email };
      const paid: LocalCheckout = { ...checkout, status: 'paid' };
      await this.records.save('checkout', paid);
      await this.records.save('customer', { ...customer, card: 'works' });
      await this.customers.begin(begin(`local_subscription_${randomUUID()}`, checkout, now));
      return { checkout: paid, email };
    });
  }

  private async at<T>(
    id: string,
    serve: (checkout: LocalCheckout, file: CustomerFile) => Promise<T>,
  ): Promise<T | undefined> {
    const known = await this.records.find('checkout', id);
    if (!known) return undefined;
    return this.customers.open(known.customerId, async (file) => {
      const checkout = await this.records.find('checkout', id);
      return checkout && serve(asOfNow(checkout, file), file);
    });
  }
}
