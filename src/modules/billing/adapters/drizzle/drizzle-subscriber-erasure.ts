import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { SubscriberErasure } from '../../public/subscriber-erasure.port';
import { billingCheckouts } from './billing-checkouts.table';
import { billingCustomers } from './billing-customers.table';
import { userSubscriptions } from './user-subscriptions.table';

@Injectable()
export class DrizzleSubscriberErasure extends SubscriberErasure {
  constructor(private readonly database: Database) {
    super();
  }

  async erase(userId: string): Promise<void> {
    const { current } = this.database;
    await current
      .update(userSubscriptions)
      .set({ userId: null, paymentMethod: null })
      .where(eq(userSubscriptions.userId, userId));
    await current.delete(billingCheckouts).where(eq(billingCheckouts.userId, userId));
    await current.delete(billingCustomers).where(eq(billingCustomers.userId, userId));
  }
}
