import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant, recordedTimes } from '../../../../shared/database/columns';

export const callServiceProviders = pgTable(
  'call_service_providers',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    name: text('name').notNull().unique(),
    driver: text('driver').notNull(),
    type: text('type', { enum: ['voice'] }).notNull().default('voice'),
    /** A JWE; its header names the key. */
    apiCredentials: text('api_credentials').notNull(),
    baseUrl: text('base_url'),
    concurrencyLimit: integer('concurrency_limit').notNull(),
    /** 1 is asked first. */
    priority: integer('priority').notNull(),
    isActive: boolean('is_active').notNull().default(true),
    /** The circuit breaker. */
    health: text('health', { enum: ['closed', 'open', 'half-open'] }).notNull().default('closed'),
    failures: integer('failures').notNull().default(0),
    /** When an open breaker may be probed; while half-open, when the probe counts as lost. */
    probeAt: instant('probe_at'),
    /** No call goes out before this time. */
    pausedUntil: instant('paused_until'),
    pauseReason: text('pause_reason'),
    /** Concurrency, rate and account refusals in a row: each doubles the pause. */
    pauses: integer('pauses').notNull().default(0),
    /** A pause that an administrator made by hand; null without one. Nothing but an administrator, or its end, ends it. */
    suspendedAt: instant('suspended_at'),
    /** Null = until an administrator resumes the provider. */
    suspendedUntil: instant('suspended_until'),
    suspensionReason: text('suspension_reason'),
    /** Calls at once after the vendor's last concurrency refusal. It climbs back with time, which nobody writes down. */
    loweredLimit: integer('lowered_limit'),
    limitLoweredAt: instant('limit_lowered_at'),
    ...recordedTimes(),
  },
  (table) => [
    check('call_service_providers_limit_check', sql`${table.concurrencyLimit} >= 0`),
    check('call_service_providers_priority_check', sql`${table.priority} >= 1`),
    check('call_service_providers_lowered_limit_check', sql`${table.loweredLimit} >= 1`),
    check('call_service_providers_type_check', sql`${table.type} in ('voice')`),
    check('call_service_providers_health_check', sql`${table.health} in ('closed', 'open', 'half-open')`),
  ],
);
