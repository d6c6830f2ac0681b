import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, eq, isNull, lt, sql, type SQL } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import type { Moment } from '../../application/ports/customers.port';
import { type ChangeRecord, type HeldChange, NotedChanges } from '../../application/ports/noted-changes.port';
import { SubscriberNotFound } from '../../domain/billing.errors';
import type { NotedChange } from '../../domain/noted-change';
import { billingChanges } from './billing-changes.table';
import { isForeignKeyViolation } from './foreign-key-violation';

/** Longer than all requests of a change may take, with their repetitions. */
const HELD = sql`interval '10 minutes'`;
const NOW = sql`clock_timestamp()`;
const NOTHING = { kind: null, paymentId: null, wantedPlanId: null };

@Injectable()
export class DrizzleNotedChanges extends NotedChanges {
  constructor(private readonly database: Database) {
    super();
  }

  /** Two that come at the same time are put in order by the primary key, and the second finds what the first has done. */
  async hold(userId: string): Promise<HeldChange | undefined> {
    const held = newHold();
    try {
      const { rowCount } = await this.database.current
        .insert(billingChanges)
        .values({ userId, ...held })
        .onConflictDoUpdate({
          target: billingChanges.userId,
          set: held,
          setWhere: sql`${billingChanges.heldUntil} <= ${NOW}`,
        });
      return rowCount === 1 ? { userId, holder: held.holder } : undefined;
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new SubscriberNotFound();
      throw error;
    }
  }

  async holdLeft(userId: string, before: Moment): Promise<HeldChange | undefined> {
    const held = newHold();
    const { rowCount } = await this.database.current
      .update(billingChanges)
      .set(held)
      .where(and(eq(billingChanges.userId, userId), lt(billingChanges.heldUntil, at(before))));
    return rowCount === 1 ? { userId, holder: held.holder } : undefined;
  }

  async note(held: HeldChange, change: NotedChange): Promise<boolean> {
    const { rowCount } = await this.database.current
      .update(billingChanges)
      .set({ ...change, createdAt: NOW, heldUntil: sql`${NOW} + ${HELD}` })
      .where(isHeldBy(held));
    return rowCount === 1;
  }

  async forget(held: HeldChange, kind?: NotedChange['kind']): Promise<void> {
    const isMeant = kind && eq(billingChanges.kind, kind);
    await this.database.current
      .update(billingChanges)
      .set(NOTHING)
      .where(and(isHeldBy(held), isMeant));
  }

  async release(held: HeldChange): Promise<void> {
    const { rowCount } = await this.database.current
      .delete(billingChanges)
      .where(and(isHeldBy(held), isNull(billingChanges.kind)));
    if (rowCount === 1) return;
    await this.database.current.update(billingChanges).set({ holder: null, heldUntil: NOW }).where(isHeldBy(held));
  }

  async find(userId: string, moment: Moment): Promise<ChangeRecord | undefined> {
    const [row] = await this.database.current
      .select({
        kind: billingChanges.kind,
        paymentId: billingChanges.paymentId,
        wantedPlanId: billingChanges.wantedPlanId,
        isLeft: sql<boolean>`${billingChanges.heldUntil} < ${at(moment)}`,
        isOld: sql<boolean>`${billingChanges.createdAt} < ${at(moment)} - ${HELD}`,
      })
      .from(billingChanges)
      .where(eq(billingChanges.userId, userId));
    if (!row) return undefined;
    const { kind, paymentId, wantedPlanId, isLeft, isOld } = row;
    const isNoted = kind !== null && paymentId !== null && wantedPlanId !== null;
    return { noted: isNoted ? { kind, paymentId, wantedPlanId } : null, isLeft, isOld };
  }
}

function newHold() {
  return { holder: randomUUID(), heldUntil: sql`${NOW} + ${HELD}` };
}

function isHeldBy({ userId, holder }: HeldChange): SQL | undefined {
  return and(eq(billingChanges.userId, userId), eq(billingChanges.holder, holder));
}

function at(moment: Moment): SQL {
  return sql`${moment}::timestamptz`;
}
