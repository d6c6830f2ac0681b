import { Injectable } from '@nestjs/common';
import { and, inArray, ne, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import type { Moment } from '../../application/ports/customers.port';
import { type ClaimedEvents, PaymentEvents } from '../../application/ports/payment-events.port';
import type { PaymentEvent } from '../../application/ports/payment-gateway.port';
import { isUserId } from '../../domain/user-id';
import { stripeEvents } from './stripe-events.table';

interface ClaimedRow extends Record<string, unknown> {
  readonly id: string;
  readonly customer_id: string | null;
  readonly user_id: string | null;
  readonly attempts: number;
}

@Injectable()
export class DrizzlePaymentEvents extends PaymentEvents {
  constructor(private readonly database: Database) {
    super();
  }

  async store(event: PaymentEvent): Promise<boolean> {
    const isAboutSomebody = event.customerId !== null || event.userId !== null;
    const { rowCount } = await this.database.current
      .insert(stripeEvents)
      .values({
        id: event.id,
        type: event.type,
        apiVersion: event.apiVersion,
        customerId: event.customerId,
        created: event.createdAt,
        payload: event.payload ?? null,
        userId: event.userId !== null && isUserId(event.userId) ? event.userId : null,
        ...(!isAboutSomebody && { status: 'processed', processedAt: sql`clock_timestamp()` }),
      })
      .onConflictDoNothing();
    return rowCount === 1;
  }

  /**
   * Locking: both selects skip what another instance is claiming, so claims never wait for each other; they may then
   * split a customer's events, which only costs a question more at the payment side.
   */
  async claim(leaseMs: number): Promise<ClaimedEvents | undefined> {
    const { rows } = await this.database.current.execute<ClaimedRow>(sql`
      with longest as (
        select id, customer_id from stripe_events
        where status <> 'processed' and next_attempt_at <= clock_timestamp()
        order by next_attempt_at, received_at, id
        limit 1
        for update skip locked
      ),
      others as (
        select event.id from stripe_events event
        join longest on longest.customer_id = event.customer_id and longest.id <> event.id
        where event.status <> 'processed' and event.next_attempt_at <= clock_timestamp()
        for update of event skip locked
      )
      update stripe_events event
      set attempts = event.attempts + 1,
          next_attempt_at = clock_timestamp() + make_interval(secs => ${leaseMs / 1_000}::double precision)
      where event.id in (select id from longest union all select id from others)
      returning event.id, event.customer_id, event.user_id, event.attempts`);
    const [first] = rows;
    if (!first) return undefined;
    return {
      ids: rows.map(({ id }) => id),
      customerId: first.customer_id,
      userId: rows.find(({ user_id }) => user_id !== null)?.user_id ?? null,
      attempts: Math.max(...rows.map(({ attempts }) => attempts)),
    };
  }

  /** Locking: what somebody else is marking at the same moment is left to them, so nobody waits for anybody. */
  async finish({ ids, customerId }: ClaimedEvents, knownSince: Moment | null): Promise<void> {
    const claimed = sql.join(
      ids.map((id) => sql`${id}`),
      sql`, `,
    );
    await this.database.current.execute(sql`
      update stripe_events
      set status = 'processed', processed_at = clock_timestamp(), last_error = null
      where id in (
        select id from stripe_events
        where status <> 'processed'
          and (id in (${claimed}) or (customer_id = ${customerId} and received_at <= ${knownSince}::timestamptz))
        for update skip locked
      )`);
  }

  async postpone({ ids }: ClaimedEvents, reason: string, delayMs: number): Promise<void> {
    await this.database.current
      .update(stripeEvents)
      .set({
        status: 'failed',
        lastError: reason,
        nextAttemptAt: sql`clock_timestamp() + make_interval(secs => ${delayMs / 1_000}::double precision)`,
      })
      .where(and(ne(stripeEvents.status, 'processed'), inArray(stripeEvents.id, [...ids])));
  }

  async forget(ageMs: number, limit: number): Promise<number> {
    const { rowCount } = await this.database.current.execute(sql`
      delete from stripe_events
      where id in (
        select id from stripe_events
        where status = 'processed'
          and processed_at <= clock_timestamp() - make_interval(secs => ${ageMs / 1_000}::double precision)
        order by processed_at
        limit ${limit}
        for update skip locked
      )`);
    return rowCount ?? 0;
  }
}
