import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { SubscriberRecords } from '../../application/ports/subscriber-records.port';
import { billingCheckouts } from './billing-checkouts.table';
import { billingCustomers } from './billing-customers.table';
import { userSubscriptions } from './user-subscriptions.table';

@Injectable()
export class DrizzleSubscriberRecords extends SubscriberRecords {
  constructor(private readonly database: Database) {
    super();
  }

  async forget(userId: string): Promise<string | undefined> {
    const { current } = this.database;
    await current
      .update(userSubscriptions)
      .set({ userId: null, paymentMethod: null })
      .where(eq(userSubscriptions.userId, userId));
    await current.delete(billingCheckouts).where(eq(billingCheckouts.userId, userId));
    const [customer] = await current
      .delete(billingCustomers)
      .where(eq(billingCustomers.userId, userId))
      .returning({ id: billingCustomers.stripeCustomerId, deletedAt: billingCustomers.deletedAt });
    return customer?.deletedAt === null ? customer.id : undefined;
  }
}
