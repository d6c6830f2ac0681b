import { Injectable } from '@nestjs/common';
import { and, desc, eq, inArray, max, type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { type NewSubscription, Subscriptions } from '../../application/ports/subscriptions.port';
import { SubscriberNotFound } from '../../domain/billing.errors';
import type { Period } from '../../domain/period';
import { LIVE_STATUSES, type Subscription } from '../../domain/subscription';
import { isForeignKeyViolation } from './foreign-key-violation';
import { PLAN_COLUMNS } from './drizzle-plans';
import { subscriptionPlans } from './subscription-plans.table';
import { userSubscriptions } from './user-subscriptions.table';

const RECORDED_PERIOD = { start: userSubscriptions.currentPeriodStart, end: userSubscriptions.currentPeriodEnd };

@Injectable()
export class DrizzleSubscriptions extends Subscriptions {
  constructor(private readonly database: Database) {
    super();
  }

  async lockFor(userId: string): Promise<void> {
    await this.database.current.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`billing.subscription:${userId}`}, 0))`,
    );
  }

  async findLive(userId: string): Promise<Subscription | undefined> {
    const [live] = await this.select(userId, inArray(userSubscriptions.status, LIVE_STATUSES));
    return live && { ...live, userId };
  }

  /** One that is over has an end of its grants only when that had come before. */
  async lastLapsed(userId: string): Promise<Subscription | undefined> {
    const lastFree = this.database.current
      .select({ beganAt: max(userSubscriptions.createdAt) })
      .from(userSubscriptions)
      .innerJoin(subscriptionPlans, eq(subscriptionPlans.id, userSubscriptions.planId))
      .where(and(eq(userSubscriptions.userId, userId), eq(subscriptionPlans.slug, 'free')));
    const isLater = sql`${userSubscriptions.grantsUntil} > coalesce((${lastFree}), '-infinity')`;
    const [lapsed] = await this.select(userId, and(eq(userSubscriptions.status, 'canceled'), isLater))
      .orderBy(desc(userSubscriptions.grantsUntil))
      .limit(1);
    return lapsed && { ...lapsed, userId };
  }

  async lastFreePeriod(userId: string): Promise<Period | undefined> {
    const [last] = await this.database.current
      .select(RECORDED_PERIOD)
      .from(userSubscriptions)
      .innerJoin(subscriptionPlans, eq(subscriptionPlans.id, userSubscriptions.planId))
      .where(and(eq(userSubscriptions.userId, userId), eq(subscriptionPlans.slug, 'free')))
      .orderBy(desc(userSubscriptions.createdAt))
      .limit(1);
    return last;
  }

  async now(): Promise<Date> {
    const { rows } = await this.database.current.execute<{ now: string }>(sql`select clock_timestamp()::text as now`);
    return new Date(rows[0]?.now ?? NaN);
  }

  async start({ userId, planId, period }: NewSubscription): Promise<void> {
    try {
      await this.database.current.insert(userSubscriptions).values({
        userId,
        planId,
        status: 'active',
        currentPeriodStart: period.start,
        currentPeriodEnd: period.end,
      });
    } catch (error) {
      // The plan was read in the same transaction, so it is the user who is gone.
      if (isForeignKeyViolation(error)) throw new SubscriberNotFound();
      throw error;
    }
  }

  async end(subscriptionId: string): Promise<void> {
    await this.database.current
      .update(userSubscriptions)
      .set({ status: 'canceled' })
      .where(eq(userSubscriptions.id, subscriptionId));
  }

  private select(userId: string, condition: SQL | undefined) {
    return this.database.current
      .select({
        id: userSubscriptions.id,
        plan: PLAN_COLUMNS,
        status: userSubscriptions.status,
        recordedPeriod: RECORDED_PERIOD,
        cancelAtPeriodEnd: userSubscriptions.cancelAtPeriodEnd,
        grantsUntil: userSubscriptions.grantsUntil,
        nextPlanId: userSubscriptions.nextPlanId,
        paymentId: userSubscriptions.stripeSubId,
        readAt: sql<Date>`statement_timestamp()`.mapWith(userSubscriptions.currentPeriodStart),
      })
      .from(userSubscriptions)
      .innerJoin(subscriptionPlans, eq(subscriptionPlans.id, userSubscriptions.planId))
      .where(and(eq(userSubscriptions.userId, userId), condition))
      .$dynamic();
  }
}
