import { Injectable, Logger } from '@nestjs/common';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { Database } from '../../../../shared/database/database';
import { literal, uuids } from '../../../../shared/database/literal';
import { ConnectProvider } from '../../application/connect-provider';
import { effectiveLimit } from '../../domain/effective-limit';
import { HealthPolicy } from '../../domain/health-policy';
import { afterPlacement, newsOf } from '../../domain/provider-health';
import { WebhookUrls } from '../../domain/webhook-urls';
import type { CallProvider } from '../../public/call-provider.port';
import {
  type LockedProvider,
  type PlacementReport,
  type ProviderOverview,
  ProviderPool,
} from '../../public/provider-pool.port';
import { callServiceProviders } from './call-service-providers.table';
import { lockAndRead, readActive, readHealth } from './locked-providers';
import { providerAssistants } from './provider-assistants.table';
import { changedHealth, providerHealth, suspensionOf, visiblePauses } from './provider-health-columns';
import { providerPhoneNumbers } from './provider-phone-numbers.table';

const providers = callServiceProviders;
const numbers = providerPhoneNumbers;

/** The pool in the database: every time in it is the database's, so that instances never disagree about one. */
@Injectable()
export class DrizzleProviderPool extends ProviderPool {
  private readonly logger = new Logger('Providers');

  constructor(
    private readonly database: Database,
    private readonly connectProvider: ConnectProvider,
    private readonly policy: HealthPolicy,
    private readonly webhookUrls: WebhookUrls,
  ) {
    super();
  }

  lockActive(): Promise<readonly LockedProvider[]> {
    return lockAndRead(this.database);
  }

  look(): Promise<readonly LockedProvider[]> {
    return readActive(this.database);
  }

  async markNumbersUsed(phoneNumberIds: readonly string[]): Promise<void> {
    if (phoneNumberIds.length === 0) return;
    await this.database.change(
      sql`select ringonce.use_phone_numbers(${uuids(phoneNumberIds)}, ${literal(String(this.policy.limits.breakerOpenMs))})`,
    );
  }

  async reportPlacement(report: PlacementReport): Promise<void> {
    if (report.result.kind === 'refused' && report.result.refusal === 'line') return this.quarantine(report, report.result.detail);
    const health = await readHealth(this.database, report.providerId);
    if (!health || afterPlacement(health, report, this.policy) === health) return;
    await this.applyToHealth(report);
  }

  connect(providerId: string): Promise<CallProvider> {
    return this.connectProvider.execute(providerId);
  }

  connectLocked({ id, account }: LockedProvider): Promise<CallProvider> {
    return this.connectProvider.connected({ id, ...account });
  }

  webhookUrl(providerId: string): string {
    return this.webhookUrls.of(providerId);
  }

  isActive(providerId: string): Promise<boolean> {
    const active = this.database.current
      .select({ id: providers.id })
      .from(providers)
      .where(and(eq(providers.id, providerId), eq(providers.isActive, true)));
    return this.database.value(sql`exists (${active})`);
  }

  async providersOfAssistants(assistantIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.current
      .select({ id: providerAssistants.id, providerId: providerAssistants.providerId })
      .from(providerAssistants)
      .where(inArray(providerAssistants.id, [...assistantIds]));
    return new Map(rows.map(({ id, providerId }) => [id, providerId]));
  }

  async overview(): Promise<readonly ProviderOverview[]> {
    const { id, name, priority, concurrencyLimit, health, probeAt } = providers;
    const nextNumberAt = sql`(
      select min(number.quarantined_until) from provider_phone_numbers number
      where number.provider_id = call_service_providers.id and number.is_active
        and number.quarantined_until > clock_timestamp())`.mapWith(providers.pausedUntil);
    const rows = await this.database.current
      .select({ id, name, priority, concurrencyLimit, health, probeAt, nextNumberAt, ...visiblePauses })
      .from(providers)
      .orderBy(asc(priority), asc(id));
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      priority: row.priority,
      concurrencyLimit: row.concurrencyLimit,
      health: row.health,
      pausedUntil: row.pausedUntil,
      suspension: suspensionOf(row),
      effectiveLimit: effectiveLimit(row.concurrencyLimit, row),
      probeAt: row.probeAt,
      nextNumberAt: row.nextNumberAt,
    }));
  }

  /** Reads again under the lock: reports of several instances arrive at once, and each must build on the other. */
  private async applyToHealth(report: PlacementReport): Promise<void> {
    const { providerId } = report;
    const [row] = await this.database.current
      .select({ name: providers.name, ...providerHealth })
      .from(providers)
      .where(eq(providers.id, providerId))
      .for('no key update');
    if (!row) return;
    const { name, ...health } = row;
    const next = afterPlacement(health, report, this.policy);
    if (next === health) return;
    await this.database.current.update(providers).set(changedHealth(health, next)).where(eq(providers.id, providerId));
    const news = newsOf(health, next);
    if (news) this.logger.warn(`Provider ${name}: ${news}`, { event: 'provider.health', providerId });
  }

  /** Locks the provider first, like everything that goes on to lock a call. */
  private async quarantine(report: PlacementReport, detail: string): Promise<void> {
    await this.applyToHealth(report);
    const { lineQuarantineMs } = this.policy.limits;
    const [quarantined] = await this.database.current
      .update(numbers)
      .set({
        quarantinedUntil: sql`clock_timestamp() + ${lineQuarantineMs} * interval '1 millisecond'`,
        quarantineReason: detail,
      })
      .where(and(eq(numbers.id, report.phoneNumberId), eq(numbers.providerId, report.providerId)))
      .returning({ id: numbers.id });
    if (!quarantined) return;
    const { providerId, phoneNumberId } = report;
    this.logger.warn(
      'A phone number of ours rests: the vendor refused it. Its `quarantineReason` says why. Check the number with the ' +
        'vendor; PATCH it with isActive true to use it at once, or false to stop using it.',
      { event: 'provider.number_rests', providerId, phoneNumberId },
    );
  }
}
