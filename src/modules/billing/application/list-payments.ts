import { Injectable } from '@nestjs/common';
import type { PaymentSubscription } from '../domain/payment-subscription';
import { Customers, type Moment } from './ports/customers.port';
import { PaidSubscriptions } from './ports/paid-subscriptions.port';
import { PaymentGateway } from './ports/payment-gateway.port';

/** All that the payment side has. */
export interface PaymentListing {
  /** When the list was begun: what is recorded later is newer than it. */
  readonly askedAt: Moment;
  readonly byCustomer: ReadonlyMap<string, readonly PaymentSubscription[]>;
  /** Customers whose part of the list is incomplete, or lacks what we have recorded. */
  readonly incomplete: ReadonlySet<string>;
}

/** Lists every subscription at the payment side. */
@Injectable()
export class ListPayments {
  constructor(
    private readonly customers: Customers,
    private readonly payments: PaymentGateway,
    private readonly paidSubscriptions: PaidSubscriptions,
  ) {}

  /** @throws PaymentsUnavailable */
  async execute(): Promise<PaymentListing> {
    const askedAt = await this.customers.moment();
    const byCustomer = new Map<string, PaymentSubscription[]>();
    const unread = new Set<string>();
    for await (const page of this.payments.allSubscriptions()) {
      for (const subscription of page) {
        if ('unreadCustomerId' in subscription) unread.add(subscription.unreadCustomerId);
        else
          byCustomer.set(subscription.customerId, [...(byCustomer.get(subscription.customerId) ?? []), subscription]);
      }
    }
    return { askedAt, byCustomer, incomplete: new Set([...unread, ...(await this.lackedBy(byCustomer))]) };
  }

  private async lackedBy(byCustomer: PaymentListing['byCustomer']): Promise<readonly string[]> {
    const listed = new Set([...byCustomer.values()].flatMap((subscriptions) => subscriptions.map(({ id }) => id)));
    const open = await this.paidSubscriptions.openCustomers();
    return open
      .filter(({ paymentIds }) => paymentIds.some((id) => !listed.has(id)))
      .map(({ customerId }) => customerId);
  }
}
