import { randomUUID } from 'node:crypto';
import { destinationsOf, mayCall } from '../../../src/modules/providers/domain/capabilities';
import { effectiveLimit } from '../../../src/modules/providers/domain/effective-limit';
import { HealthPolicy } from '../../../src/modules/providers/domain/health-policy';
import {
  afterPlacement,
  awaitsProbe,
  HEALTHY,
  holdOf,
  isPaused,
  type ProviderHealth,
  whileProbed,
} from '../../../src/modules/providers/domain/provider-health';
import { ProviderNotFound } from '../../../src/modules/providers/domain/providers.errors';
import type { CallProvider } from '../../../src/modules/providers/public/call-provider.port';
import {
  type LockedProvider,
  type PlacementReport,
  type ProviderOverview,
  ProviderPool,
} from '../../../src/modules/providers/public/provider-pool.port';

export interface ProviderSeed {
  readonly id?: string;
  readonly name?: string;
  readonly priority?: number;
  readonly concurrencyLimit?: number;
  readonly isActive?: boolean;
  readonly driver?: CallProvider;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly concurrencyLimit: number;
  readonly driver: CallProvider | undefined;
  isActive: boolean;
  /** Its spans count from the pool's present. */
  health: ProviderHealth;
}

/** What decides where a number may call. */
export interface LineSeed {
  readonly areaCode?: string;
  readonly capabilities?: readonly string[];
}

interface NumberRow {
  readonly id: string;
  readonly providerId: string;
  readonly externalId: string;
  readonly fullNumber: string;
  readonly areaCode: string | null;
  readonly capabilities: readonly string[];
  readonly isActive: boolean;
  /** Position in the order of use; 0 = never used. */
  usedAt: number;
  quarantinedForMs: number;
}

interface AssistantRow {
  readonly id: string;
  readonly providerId: string;
  readonly externalId: string;
  readonly isActive: boolean;
}

export const POLICY = new HealthPolicy({
  cooldownMs: 5_000,
  lineQuarantineMs: 3_600_000,
  breakerFailures: 3,
  breakerOpenMs: 30_000,
});

/** The pool in memory, with a clock that only `elapse` moves. It knows no transactions: nobody ever waits for a lock. */
export class InMemoryProviderPool extends ProviderPool {
  private readonly rows: Row[] = [];
  private readonly numbers: NumberRow[] = [];
  private readonly assistants: AssistantRow[] = [];
  private uses = 0;

  constructor(private readonly policy: HealthPolicy = POLICY) {
    super();
  }

  addProvider(seed: ProviderSeed = {}): string {
    const id = seed.id ?? randomUUID();
    const { name = id, priority = 1, concurrencyLimit = 10, isActive = true, driver } = seed;
    this.rows.push({ id, name, priority, concurrencyLimit, isActive, driver, health: HEALTHY });
    return id;
  }

  addPhoneNumber(
    providerId: string,
    seed: { isActive?: boolean; externalId?: string; fullNumber?: string } & LineSeed = {},
  ): string {
    const id = randomUUID();
    const { isActive = true, externalId = `number-${id}`, fullNumber = '+12025550100' } = seed;
    const { areaCode = null, capabilities = ['voice'] } = seed;
    const fixed = { usedAt: 0, quarantinedForMs: 0 };
    this.numbers.push({ id, providerId, externalId, fullNumber, areaCode, capabilities, isActive, ...fixed });
    return id;
  }

  addAssistant(providerId: string, seed: { isActive?: boolean; externalId?: string } = {}): string {
    const id = randomUUID();
    const { isActive = true, externalId = `assistant-${id}` } = seed;
    this.assistants.push({ id, providerId, externalId, isActive });
    return id;
  }

  /** Lets time pass. */
  elapse(milliseconds: number): void {
    const less = (span: number | null) => (span === null ? null : span - milliseconds);
    for (const row of this.rows) {
      const { probeInMs, pausedForMs, loweredForMs } = row.health;
      const longer = loweredForMs === null ? null : loweredForMs + milliseconds;
      row.health = {
        ...row.health,
        probeInMs: less(probeInMs),
        pausedForMs: less(pausedForMs),
        loweredForMs: longer,
      };
    }
    for (const number of this.numbers) number.quarantinedForMs -= milliseconds;
  }

  async lockActive(): Promise<readonly LockedProvider[]> {
    const active = this.rows.filter((row) => row.isActive);
    return active.sort((a, b) => (a.id < b.id ? -1 : 1)).map((row) => this.toLocked(row));
  }

  async look(): Promise<readonly LockedProvider[]> {
    return this.lockActive();
  }

  /** What an administrator does by hand. */
  suspend(providerId: string, isSuspended: boolean): void {
    for (const row of this.rows) if (row.id === providerId) row.health = { ...row.health, isSuspended };
  }

  async markNumbersUsed(phoneNumberIds: readonly string[]): Promise<void> {
    for (const id of phoneNumberIds) {
      const number = this.numbers.find((one) => one.id === id);
      const row = this.rows.find((one) => one.id === number?.providerId);
      if (!number || !row) continue;
      number.usedAt = this.uses += 1;
      if (row.health.breaker !== 'closed') row.health = whileProbed(row.health, this.policy);
    }
  }

  async reportPlacement(report: PlacementReport): Promise<void> {
    const { providerId, phoneNumberId, result } = report;
    const row = this.rows.find(({ id }) => id === providerId);
    if (row) row.health = afterPlacement(row.health, report, this.policy);
    if (result.kind !== 'refused' || result.refusal !== 'line') return;
    const number = this.numbers.find((one) => one.id === phoneNumberId && one.providerId === providerId);
    if (number) number.quarantinedForMs = this.policy.limits.lineQuarantineMs;
  }

  async connect(providerId: string): Promise<CallProvider> {
    const row = this.rows.find(({ id }) => id === providerId);
    if (!row) throw new ProviderNotFound();
    if (!row.driver) throw new Error('The provider was added without a driver');
    return row.driver;
  }

  connectLocked({ id }: LockedProvider): Promise<CallProvider> {
    return this.connect(id);
  }

  webhookUrl(providerId: string): string {
    return `https://ringonce.example/v1/webhooks/providers/${providerId}`;
  }

  async isActive(providerId: string): Promise<boolean> {
    return this.rows.some((row) => row.id === providerId && row.isActive);
  }

  async providersOfAssistants(assistantIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const known = this.assistants.filter(({ id }) => assistantIds.includes(id));
    return new Map(known.map(({ id, providerId }) => [id, providerId]));
  }

  async overview(): Promise<readonly ProviderOverview[]> {
    const ordered = [...this.rows].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
    return ordered.map(({ id, name, priority, concurrencyLimit, health }) => ({
      ...{ id, name, priority, concurrencyLimit },
      health: health.breaker,
      pausedUntil: isPaused(health) ? inTime(health.pausedForMs) : null,
      suspension: health.isSuspended ? { since: new Date(), until: null, reason: null } : null,
      effectiveLimit: effectiveLimit(concurrencyLimit, health),
      probeAt: health.probeInMs === null ? null : inTime(health.probeInMs),
      nextNumberAt: this.nextNumberAt(id),
    }));
  }

  private nextNumberAt(providerId: string): Date | null {
    const resting = this.numbers.filter((one) => one.providerId === providerId && one.quarantinedForMs > 0);
    return resting.length === 0 ? null : inTime(Math.min(...resting.map((one) => one.quarantinedForMs)));
  }

  private toLocked({ id, priority, concurrencyLimit, health }: Row): LockedProvider {
    const hold = holdOf(health);
    const numbers = this.numbers.filter((one) => one.providerId === id && one.isActive && one.quarantinedForMs <= 0);
    const assistants = this.assistants.filter((one) => one.providerId === id && one.isActive);
    return {
      id,
      priority,
      limit: effectiveLimit(concurrencyLimit, health),
      ...(hold ? { hold } : {}),
      ...(awaitsProbe(health) ? { probe: true as const } : {}),
      phoneNumbers: numbers
        .filter((one) => mayCall(one.capabilities))
        .sort((a, b) => a.usedAt - b.usedAt || (a.id < b.id ? -1 : 1))
        .map((one) => ({
          ...{ id: one.id, externalId: one.externalId, fullNumber: one.fullNumber },
          ...{ countryCode: '1', areaCode: one.areaCode, destinations: destinationsOf(one.capabilities) },
        })),
      assistants: new Map(assistants.map((one) => [one.id, one.externalId])),
      account: { name: id, driver: 'fake', baseUrl: null, encryptedCredentials: '' },
    };
  }
}

const inTime = (milliseconds: number | null): Date => new Date(Date.now() + (milliseconds ?? 0));
