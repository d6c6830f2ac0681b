import { Injectable } from '@nestjs/common';
import type { Subscription } from '../domain/subscription';
import { Customers } from './ports/customers.port';
import { Subscriptions } from './ports/subscriptions.port';
import { SyncCustomer } from './sync-customer';

/** Finds a user's live subscription as the payment side knows it now. A customer that is gone there has none. */
@Injectable()
export class SyncUser {
  constructor(
    private readonly customers: Customers,
    private readonly subscriptions: Subscriptions,
    private readonly syncCustomer: SyncCustomer,
  ) {}

  /** @throws PaymentsUnavailable */
  async execute(userId: string): Promise<Subscription | undefined> {
    const customer = await this.customers.find(userId);
    if (customer && !customer.isDeleted) await this.syncCustomer.execute(customer.customerId);
    return this.subscriptions.findLive(userId);
  }
}
