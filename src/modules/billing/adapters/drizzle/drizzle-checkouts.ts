import { Injectable } from '@nestjs/common';
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { Checkouts, type CheckoutWish, type NotedWish } from '../../application/ports/checkouts.port';
import type { Checkout } from '../../application/ports/payment-gateway.port';
import { billingCheckouts } from './billing-checkouts.table';

/** How long the same wish gets the same page. Later the page may have been used up, and another one replaces it. */
const SAME_PAGE = sql`interval '10 minutes'`;
/** How long opening a page may take: longer than all the requests that it needs may. */
const OPENING = sql`interval '90 seconds'`;
/** A page that closes sooner than this is as good as closed. */
const CLOSING = sql`interval '1 minute'`;

interface NotedRow extends Record<string, unknown> {
  readonly operation_id: string;
  readonly url: string | null;
}

@Injectable()
export class DrizzleCheckouts extends Checkouts {
  constructor(private readonly database: Database) {
    super();
  }

  /**
   * One statement on one locked row. At READ COMMITTED two that come at the same time are put in order by the primary
   * key, and the second evaluates the conditions on what the first has committed.
   */
  async note(wish: CheckoutWish): Promise<NotedWish | undefined> {
    const { userId, planId, successUrl, cancelUrl } = wish;
    const isSame = sql`(
      noted.plan_id = excluded.plan_id and noted.success_url = excluded.success_url
      and noted.cancel_url = excluded.cancel_url and noted.created_at > clock_timestamp() - ${SAME_PAGE}
      and (noted.expires_at is null or noted.expires_at > clock_timestamp() + ${CLOSING}))`;
    const isBeingOpened = sql`(noted.session_id is null and noted.created_at > clock_timestamp() - ${OPENING})`;
    const { rows } = await this.database.current.execute<NotedRow>(sql`
      insert into billing_checkouts as noted (user_id, operation_id, plan_id, success_url, cancel_url)
      values (${userId}::uuid, gen_random_uuid(), ${planId}::uuid, ${successUrl}, ${cancelUrl})
      on conflict (user_id) do update
      set operation_id = case when ${isSame} then noted.operation_id else excluded.operation_id end,
          plan_id = excluded.plan_id,
          success_url = excluded.success_url,
          cancel_url = excluded.cancel_url,
          session_id = case when ${isSame} then noted.session_id end,
          url = case when ${isSame} then noted.url end,
          expires_at = case when ${isSame} then noted.expires_at end,
          created_at = case when ${isSame} then noted.created_at else clock_timestamp() end
      where ${isSame} or not ${isBeingOpened}
      returning operation_id, url`);
    return rows[0] && { ...wish, operationId: rows[0].operation_id, url: rows[0].url };
  }

  async renew(wish: NotedWish): Promise<NotedWish | undefined> {
    const [row] = await this.database.current
      .insert(billingCheckouts)
      .values(toRow(wish))
      .onConflictDoUpdate({
        target: billingCheckouts.userId,
        set: { createdAt: sql`clock_timestamp()` },
        setWhere: eq(billingCheckouts.operationId, wish.operationId),
      })
      .returning({ url: billingCheckouts.url });
    return row && { ...wish, url: row.url };
  }

  async complete(wish: NotedWish, { id, url, expiresAt }: Checkout): Promise<boolean> {
    const page = { sessionId: id, url, expiresAt };
    const { rowCount } = await this.database.current
      .insert(billingCheckouts)
      .values({ ...toRow(wish), ...page })
      .onConflictDoUpdate({
        target: billingCheckouts.userId,
        set: page,
        setWhere: eq(billingCheckouts.operationId, wish.operationId),
      });
    return rowCount === 1;
  }

  async abandon({ userId, operationId }: NotedWish): Promise<void> {
    await this.database.current
      .delete(billingCheckouts)
      .where(
        and(
          eq(billingCheckouts.userId, userId),
          eq(billingCheckouts.operationId, operationId),
          isNull(billingCheckouts.sessionId),
        ),
      );
  }

  async forget(userId: string): Promise<void> {
    await this.database.current
      .delete(billingCheckouts)
      .where(and(eq(billingCheckouts.userId, userId), isNotNull(billingCheckouts.sessionId)));
  }
}

function toRow({ userId, operationId, planId, successUrl, cancelUrl }: NotedWish) {
  return { userId, operationId, planId, successUrl, cancelUrl };
}
