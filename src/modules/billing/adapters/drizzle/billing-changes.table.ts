import { sql } from 'drizzle-orm';
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';
import { subscriptionPlans } from './subscription-plans.table';

/** One change per user at a time, and what is left to be done about one that has not come to its end. */
export const billingChanges = pgTable(
  'billing_changes',
  {
    userId: uuid('user_id').primaryKey(),
    /** Who is at it; null when nobody is. */
    holder: text('holder'),
    /** Until then it is the holder's, and nobody else's; without a holder, when it was let go. */
    heldUntil: instant('held_until').notNull(),
    /** The next three are null while nothing is left to be done: whoever holds it has sent nothing yet. */
    kind: text('kind').$type<'upgrade' | 'downgrade'>(),
    paymentId: text('payment_id'),
    wantedPlanId: uuid('wanted_plan_id').references(() => subscriptionPlans.id),
    ...recordedTimes(),
  },
  (table) => [
    check(
      'billing_changes_note_check',
      sql`(${table.kind} in ('upgrade', 'downgrade') and ${table.paymentId} is not null and ${table.wantedPlanId} is not null)
        or (${table.kind} is null and ${table.paymentId} is null and ${table.wantedPlanId} is null)`,
    ),
    index('billing_changes_wanted_plan_id_idx').on(table.wantedPlanId),
  ],
);
