import { Injectable } from '@nestjs/common';
import { and, count, eq, inArray, isNotNull, isNull, notInArray, notLike, or, sql, type SQL } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { storable } from '../../../../shared/kernel/storable';
import type { Moment } from '../../application/ports/customers.port';
import { type OpenCustomer, PaidSubscriptions } from '../../application/ports/paid-subscriptions.port';
import { LOCAL_PREFIX } from '../../domain/local-ids';
import { FINAL_WORDS, type PaidSubscription } from '../../domain/paid-subscription';
import { LIVE_STATUSES } from '../../domain/subscription';
import { billingCustomers } from './billing-customers.table';
import { userSubscriptions } from './user-subscriptions.table';

/** Not ended for good when we heard of it last. */
const IS_OPEN = and(
  isNotNull(userSubscriptions.stripeSubId),
  or(isNull(userSubscriptions.stripeStatus), notInArray(userSubscriptions.stripeStatus, [...FINAL_WORDS])),
);

/** One that ends after it had come to grant no more than the free plan keeps since when: the free months follow from it. */
const LAPSED_OR_NEW = sql`case
  when excluded.status = 'canceled' and ${userSubscriptions.grantsUntil} <= clock_timestamp() then ${userSubscriptions.grantsUntil}
  else excluded.grants_until end`;

@Injectable()
export class DrizzlePaidSubscriptions extends PaidSubscriptions {
  constructor(private readonly database: Database) {
    super();
  }

  of(userId: string): Promise<readonly PaidSubscription[]> {
    return this.read(eq(userSubscriptions.userId, userId));
  }

  async withoutUser(paymentIds: readonly string[]): Promise<readonly PaidSubscription[]> {
    if (paymentIds.length === 0) return [];
    return this.read(and(isNull(userSubscriptions.userId), inArray(userSubscriptions.stripeSubId, [...paymentIds])));
  }

  async unpaidSince(userId: string): Promise<Date | null> {
    const [row] = await this.database.current
      .select({ since: userSubscriptions.createdAt })
      .from(userSubscriptions)
      .where(isLiveUnpaid(userId));
    return row?.since ?? null;
  }

  async endUnpaid(userId: string): Promise<void> {
    await this.database.current.update(userSubscriptions).set({ status: 'canceled' }).where(isLiveUnpaid(userId));
  }

  async record(userId: string | null, records: readonly PaidSubscription[], askedAt: Moment): Promise<void> {
    const liveLast = [...records].sort((a, b) => Number(isLive(a)) - Number(isLive(b)));
    for (const record of liveLast) await this.recordOne(userId, record, askedAt);
  }

  async openCustomers(): Promise<readonly OpenCustomer[]> {
    const rows = await this.database.current
      .select({
        customerId: billingCustomers.stripeCustomerId,
        paymentIds: sql<string[]>`array_agg(${userSubscriptions.stripeSubId})`,
      })
      .from(userSubscriptions)
      .innerJoin(billingCustomers, eq(billingCustomers.userId, userSubscriptions.userId))
      .where(
        IS_OPEN,
      )
      .groupBy(billingCustomers.stripeCustomerId);
    return rows;
  }

  async withUser(paymentIds: readonly string[]): Promise<readonly string[]> {
    if (paymentIds.length === 0) return [];
    const records = await this.read(
      and(isNotNull(userSubscriptions.userId), inArray(userSubscriptions.stripeSubId, [...paymentIds])),
    );
    return records.map(({ paymentId }) => paymentId);
  }

  async countWithoutUser(): Promise<number> {
    const [row] = await this.database.current
      .select({ count: count() })
      .from(userSubscriptions)
      .where(and(isNull(userSubscriptions.userId), IS_OPEN, notLike(userSubscriptions.stripeSubId, `${LOCAL_PREFIX}%`)));
    return row?.count ?? 0;
  }

  /**
   * An answer to an earlier question changes nothing, also where no customer of ours puts the answers in order. Whoever
   * was erased and is there again gets back what nobody has.
   */
  private async recordOne(userId: string | null, record: PaidSubscription, askedAt: Moment): Promise<void> {
    const values = toRow(record, askedAt);
    await this.database.current
      .insert(userSubscriptions)
      .values({ ...values, userId, stripeSubId: record.paymentId })
      .onConflictDoUpdate({
        target: userSubscriptions.stripeSubId,
        set: {
          ...values,
          userId: sql`coalesce(${userSubscriptions.userId}, excluded.user_id)`,
          grantsUntil: LAPSED_OR_NEW,
        },
        setWhere: sql`${userSubscriptions.fetchedAt} is null or ${userSubscriptions.fetchedAt} <= excluded.fetched_at`,
      });
  }

  private async read(condition: SQL | undefined): Promise<readonly PaidSubscription[]> {
    const rows = await this.database.current
      .select()
      .from(userSubscriptions)
      .where(and(isNotNull(userSubscriptions.stripeSubId), condition));
    return rows.map(toRecord);
  }
}

function isLiveUnpaid(userId: string): SQL | undefined {
  return and(
    eq(userSubscriptions.userId, userId),
    isNull(userSubscriptions.stripeSubId),
    inArray(userSubscriptions.status, LIVE_STATUSES),
  );
}

function isLive({ status }: PaidSubscription): boolean {
  return status !== 'canceled';
}

function toRow(record: PaidSubscription, askedAt: Moment) {
  return {
    planId: record.planId,
    status: record.status,
    stripeStatus: record.rawStatus,
    currentPeriodStart: record.period.start,
    currentPeriodEnd: record.period.end,
    grantsUntil: record.grantsUntil,
    nextPlanId: record.nextPlanId,
    owedSince: record.owedSince,
    cancelAtPeriodEnd: record.cancelAtPeriodEnd,
    paymentMethod: storable(record.paymentMethod),
    fetchedAt: sql`${askedAt}::timestamptz`,
  };
}

function toRecord(row: typeof userSubscriptions.$inferSelect): PaidSubscription {
  return {
    paymentId: row.stripeSubId ?? '',
    planId: row.planId,
    status: row.status,
    rawStatus: row.stripeStatus,
    period: { start: row.currentPeriodStart, end: row.currentPeriodEnd },
    grantsUntil: row.status === 'canceled' ? null : row.grantsUntil,
    nextPlanId: row.nextPlanId,
    owedSince: row.owedSince,
    cancelAtPeriodEnd: row.cancelAtPeriodEnd,
    paymentMethod: row.paymentMethod,
  };
}
