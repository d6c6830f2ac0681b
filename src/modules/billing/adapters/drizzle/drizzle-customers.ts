import { Injectable } from '@nestjs/common';
import { and, asc, eq, isNotNull, isNull, lte, not, or, sql, type SQL } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type Customer, Customers, type Moment } from '../../application/ports/customers.port';
import { SubscriberNotFound } from '../../domain/billing.errors';
import { billingCustomers } from './billing-customers.table';
import { isForeignKeyViolation } from './foreign-key-violation';

@Injectable()
export class DrizzleCustomers extends Customers {
  constructor(private readonly database: Database) {
    super();
  }

  find(userId: string): Promise<Customer | undefined> {
    return this.findWhere(eq(billingCustomers.userId, userId));
  }

  findByCustomerId(customerId: string): Promise<Customer | undefined> {
    return this.findWhere(eq(billingCustomers.stripeCustomerId, customerId));
  }

  async remaining(prefix: string): Promise<readonly string[]> {
    const rows = await this.database.current
      .select({ customerId: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(and(isNull(billingCustomers.deletedAt), begins(prefix)))
      .orderBy(asc(billingCustomers.stripeCustomerId));
    return rows.map(({ customerId }) => customerId);
  }

  async hasOther(prefix: string): Promise<boolean> {
    const rows = await this.database.current
      .select({ userId: billingCustomers.userId })
      .from(billingCustomers)
      .where(and(isNull(billingCustomers.deletedAt), not(begins(prefix))))
      .limit(1);
    return rows.length > 0;
  }

  async keep(userId: string, customerId: string): Promise<Customer> {
    try {
      await this.database.current
        .insert(billingCustomers)
        .values({ userId, stripeCustomerId: customerId })
        .onConflictDoUpdate({
          target: billingCustomers.userId,
          set: { stripeCustomerId: customerId, fetchedAt: null, deletedAt: null },
          setWhere: sql`${billingCustomers.deletedAt} is not null and ${billingCustomers.stripeCustomerId} <> ${customerId}`,
        });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new SubscriberNotFound();
      throw error;
    }
    const kept = await this.find(userId);
    if (!kept) throw new SubscriberNotFound();
    return kept;
  }

  async moment(): Promise<Moment> {
    const { rows } = await this.database.current.execute<{ moment: string }>(sql`select clock_timestamp()::text as moment`);
    if (!rows[0]) throw new Error('The database told no time');
    return rows[0].moment;
  }

  async noteAnswer(customerId: string, askedAt: Moment): Promise<boolean> {
    const asked = sql`${askedAt}::timestamptz`;
    const { rowCount } = await this.database.current
      .update(billingCustomers)
      .set({ fetchedAt: asked })
      .where(
        and(
          eq(billingCustomers.stripeCustomerId, customerId),
          or(isNull(billingCustomers.fetchedAt), lte(billingCustomers.fetchedAt, asked)),
        ),
      );
    return rowCount === 1;
  }

  async noteTrialUsed(customerId: string): Promise<void> {
    await this.database.current
      .update(billingCustomers)
      .set({ trialUsedAt: sql`clock_timestamp()` })
      .where(and(eq(billingCustomers.stripeCustomerId, customerId), isNull(billingCustomers.trialUsedAt)));
  }

  async noteDeleted(customerId: string): Promise<void> {
    await this.database.current
      .update(billingCustomers)
      .set({ deletedAt: sql`clock_timestamp()` })
      .where(and(eq(billingCustomers.stripeCustomerId, customerId), isNull(billingCustomers.deletedAt)));
  }

  async noteThere(customerId: string): Promise<void> {
    await this.database.current
      .update(billingCustomers)
      .set({ deletedAt: null })
      .where(and(eq(billingCustomers.stripeCustomerId, customerId), isNotNull(billingCustomers.deletedAt)));
  }

  async takeBack(userId: string, customerId: string, instead: string): Promise<void> {
    await this.database.current
      .update(billingCustomers)
      .set({ stripeCustomerId: customerId, fetchedAt: null, deletedAt: null })
      .where(and(eq(billingCustomers.userId, userId), eq(billingCustomers.stripeCustomerId, instead)));
  }

  private async findWhere(condition: SQL): Promise<Customer | undefined> {
    const [row] = await this.database.current.select().from(billingCustomers).where(condition);
    if (!row) return undefined;
    return {
      userId: row.userId,
      customerId: row.stripeCustomerId,
      hasUsedTrial: row.trialUsedAt !== null,
      isDeleted: row.deletedAt !== null,
    };
  }
}

function begins(prefix: string): SQL {
  return sql`starts_with(${billingCustomers.stripeCustomerId}, ${prefix})`;
}
