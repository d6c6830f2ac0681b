import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { ProviderHealth } from '../../domain/provider-health';
import { callServiceProviders } from './call-service-providers.table';

/** Milliseconds from now, by the database's clock; negative once the time has passed. */
const remainingMs = (column: PgColumn) =>
  sql<number | null>`(extract(epoch from ${column} - clock_timestamp()) * 1000)::double precision`;

/** Selects a ProviderHealth. */
export const providerHealth = {
  breaker: callServiceProviders.health,
  failures: callServiceProviders.failures,
  probeInMs: remainingMs(callServiceProviders.probeAt),
  pausedForMs: remainingMs(callServiceProviders.pausedUntil),
  pauseReason: callServiceProviders.pauseReason,
  pauses: callServiceProviders.pauses,
};

/** A time that lies so far ahead of the database's clock. */
const after = (milliseconds: number | null): SQL | null =>
  milliseconds === null ? null : sql`clock_timestamp() + ${milliseconds} * interval '1 millisecond'`;

/** The columns to write so that the row says `next`; a time that did not change is left alone, to the microsecond. */
export function changedHealth(previous: ProviderHealth, next: ProviderHealth) {
  return {
    health: next.breaker,
    failures: next.failures,
    pauses: next.pauses,
    pauseReason: next.pauseReason,
    ...(next.probeInMs === previous.probeInMs ? {} : { probeAt: after(next.probeInMs) }),
    ...(next.pausedForMs === previous.pausedForMs ? {} : { pausedUntil: after(next.pausedForMs) }),
  };
}
