import { Injectable } from '@nestjs/common';
import { type SQL, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { BillingWatch, type EventBacklog } from '../../application/ports/billing-watch.port';

/** Transactions that were under way while limits changed. */
const MARGIN = sql.raw(`interval '1 minute'`);

@Injectable()
export class DrizzleBillingWatch extends BillingWatch {
  constructor(private readonly database: Database) {
    super();
  }

  async backlog(): Promise<EventBacklog> {
    return this.row<EventBacklog>(sql`
      select count(*)::integer as "waiting", (count(*) filter (where status = 'failed'))::integer as "failed",
             greatest(coalesce(extract(epoch from clock_timestamp() - min(received_at)), 0), 0)::float8 as "oldestSeconds"
        from stripe_events where status <> 'processed'`);
  }

  /**
   * Whoever is over the limits may have been within them before they came down, with the subscription, its plan, what was
   * agreed, or just by time. So a period counts when it was reserved from after all of that. One look at the periods
   * finds nobody as a rule; the rest is looked at only for whom it does find.
   */
  async oversoldPeriods(): Promise<number> {
    const { periods } = await this.row<{ periods: number }>(sql`
      select count(*)::integer as periods
        from user_call_usage as usage
       where usage.billing_period_end > now()
         and (usage.calls_used + usage.calls_reserved > usage.calls_limit
              or usage.minutes_used + usage.minutes_reserved > usage.minutes_limit)
         and ${MARGIN} + greatest(
               (select max(greatest(updated_at, case when grants_until <= now() then grants_until end,
                                    case when current_period_end <= now() then current_period_end end))
                  from user_subscriptions where user_id = usage.user_id),
               (select max(updated_at) from subscription_plans),
               (select updated_at from user_plan_limits where user_id = usage.user_id),
               (select max(created_at) from admin_audit_entries where subject_id = usage.user_id))
             < (select max(created_at) from usage_ledger_entries where usage_id = usage.id and kind = 'reserve')`);
    return periods;
  }

  private async row<Row>(statement: SQL): Promise<Row> {
    const { rows } = await this.database.current.execute(statement);
    return rows[0] as Row;
  }
}
