import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { ProviderHealth } from '../../domain/provider-health';
import { callServiceProviders } from './call-service-providers.table';

const { suspendedAt, suspendedUntil, suspensionReason, pausedUntil, pauseReason, limitLoweredAt } =
  callServiceProviders;

/** Milliseconds from now, by the database's clock; negative once the time has passed. */
const remainingMs = (column: PgColumn) =>
  sql<number | null>`(extract(epoch from ${column} - clock_timestamp()) * 1000)::double precision`;

const isSuspended = sql<boolean>`(${suspendedAt} is not null and (${suspendedUntil} is null or ${suspendedUntil} > clock_timestamp()))`;

const loweredLimit = {
  loweredLimit: callServiceProviders.loweredLimit,
  loweredForMs: sql<number | null>`(extract(epoch from clock_timestamp() - ${limitLoweredAt}) * 1000)::double precision`,
};

/** Selects a ProviderHealth. */
export const providerHealth = {
  breaker: callServiceProviders.health,
  failures: callServiceProviders.failures,
  probeInMs: remainingMs(callServiceProviders.probeAt),
  pausedForMs: remainingMs(pausedUntil),
  pauseReason,
  pauses: callServiceProviders.pauses,
  isSuspended,
  ...loweredLimit,
};

/** What administrators see of pauses and limits. A pause that is over is no longer told. */
export const visiblePauses = {
  ...loweredLimit,
  /** `greatest` passes over null: the later end of the two pauses, if either has one. */
  pausedUntil: sql`case when greatest(${pausedUntil}, ${suspendedUntil}) > clock_timestamp()
    then greatest(${pausedUntil}, ${suspendedUntil}) end`.mapWith(pausedUntil),
  pauseReason: sql<string | null>`case when ${isSuspended} then coalesce(${suspensionReason}, 'Paused by an administrator.')
    when ${pausedUntil} > clock_timestamp() then ${pauseReason} end`,
  suspendedAt: sql`case when ${isSuspended} then ${suspendedAt} end`.mapWith(suspendedAt),
  suspendedUntil,
  suspensionReason,
};

/** The suspension in a row of `visiblePauses`. */
export function suspensionOf(row: {
  readonly suspendedAt: Date | null;
  readonly suspendedUntil: Date | null;
  readonly suspensionReason: string | null;
}) {
  return row.suspendedAt && { since: row.suspendedAt, until: row.suspendedUntil, reason: row.suspensionReason };
}

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
    loweredLimit: next.loweredLimit,
    ...(next.probeInMs === previous.probeInMs ? {} : { probeAt: after(next.probeInMs) }),
    ...(next.pausedForMs === previous.pausedForMs ? {} : { pausedUntil: after(next.pausedForMs) }),
    ...(next.loweredForMs === previous.loweredForMs ? {} : { limitLoweredAt: sql`clock_timestamp()` }),
  };
}

/** The columns of a provider that nothing is known against; a pause made by hand is another matter. */
export const HEALTHY_COLUMNS = {
  health: 'closed',
  failures: 0,
  probeAt: null,
  pausedUntil: null,
  pauseReason: null,
  pauses: 0,
  loweredLimit: null,
  limitLoweredAt: null,
} as const;
