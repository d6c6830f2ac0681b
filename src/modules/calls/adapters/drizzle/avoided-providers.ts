import { sql } from 'drizzle-orm';
import type { DispatchSettings } from '../../application/dispatch-settings';

/**
 * The providers, in any order, that could not be reached a moment ago for the call `queued` of the query around it. Calls without an
 * attempt cost no look-up.
 */
export function avoidedProviders({ breakerOpenMs }: Pick<DispatchSettings, 'breakerOpenMs'>) {
  return sql`case when queued.attempts = 0 then '{}'::uuid[] else array(
    select attempt.provider_id from call_attempts as attempt
     where attempt.call_queue_id = queued.id and attempt.refusal = 'unreachable'
       and attempt.ended_at > clock_timestamp() - make_interval(secs => ${breakerOpenMs / 1000})) end`;
}
