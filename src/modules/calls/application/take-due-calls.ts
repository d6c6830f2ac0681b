import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../../shared/kernel/domain-error';
import type { CallProvider } from '../../providers/public/call-provider.port';
import { type LockedProvider, ProviderPool } from '../../providers/public/provider-pool.port';
import type { Capacity } from '../domain/assign-calls';
import { DispatchQueue, type DueCall, type UsableProvider } from './ports/dispatch-queue.port';

export interface TakenCalls {
  readonly due: readonly DueCall[];
  readonly capacities: readonly Capacity[];
  /** The driver of every provider that has room. */
  readonly drivers: ReadonlyMap<string, CallProvider>;
}

const NOTHING: TakenCalls = { due: [], capacities: [], drivers: new Map() };

const LOOK = 'See docs/runbooks/provider-down.md';

/**
 * Locks the providers, counts what each can take on, and locks the due calls that go there or nowhere. Runs in the
 * claim's unit of work. Drivers are opened here, so that nothing which can fail lies between the claim's commit and
 * the request to the vendor.
 */
@Injectable()
export class TakeDueCalls {
  private readonly logger = new Logger(TakeDueCalls.name);
  /** What the claim before could use: most often the next one can, too. */
  private expected: readonly UsableProvider[] = [];

  constructor(
    private readonly providers: ProviderPool,
    private readonly queue: DispatchQueue,
  ) {}

  async execute(limit: number): Promise<TakenCalls> {
    const { expected } = this;
    // Asked for in this order, so that what is open is counted behind the locks, and waited for together. Which providers
    // have room is not known by then: where it is not what was expected, due calls are taken once more, and more of them
    // stay locked until the claim is over.
    const [locked, { openAttempts, isPaused }, ahead] = await Promise.all([
      this.providers.lockActive(),
      this.queue.load(),
      this.queue.lockDue(limit, expected),
    ]);
    if (isPaused) return NOTHING;
    const drivers = new Map<string, CallProvider>();
    const capacities: Capacity[] = [];
    for (const provider of locked) {
      const capacity = toCapacity(provider, openAttempts.get(provider.id) ?? 0);
      const driver = capacity.free > 0 ? await this.connect(provider) : undefined;
      if (driver) drivers.set(provider.id, driver);
      capacities.push(driver ? capacity : { ...capacity, free: 0 });
    }
    this.expected = usable(capacities);
    const due = isSame(this.expected, expected) ? ahead : await this.queue.lockDue(limit, this.expected);
    return { due, capacities, drivers };
  }

  /** A provider whose credentials cannot be read is paused like one that the vendor refuses; the others go on. */
  private async connect(provider: LockedProvider): Promise<CallProvider | undefined> {
    try {
      return await this.providers.connectLocked(provider);
    } catch (error) {
      const { id, phoneNumbers } = provider;
      if (!(error instanceof DomainError)) throw error;
      this.logger.error(`A provider cannot be used: ${error.message} ${LOOK}`, {
        event: 'provider.unreadable',
        providerId: id,
      });
      const result = { kind: 'refused', refusal: 'account', detail: error.message } as const;
      await this.providers.reportPlacement({ providerId: id, phoneNumberId: phoneNumbers[0]?.id ?? id, result });
      return undefined;
    }
  }
}

function toCapacity(provider: LockedProvider, open: number): Capacity {
  const free = provider.hold ? 0 : Math.max(provider.limit - open, 0);
  return { ...provider, free: provider.probe ? Math.min(free, 1) : free };
}

/** Both are in the order of ids, and destinations in that of their names. */
function isSame(some: readonly UsableProvider[], others: readonly UsableProvider[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

function usable(capacities: readonly Capacity[]): readonly UsableProvider[] {
  return capacities
    .filter(({ free, phoneNumbers }) => free > 0 && phoneNumbers.length > 0)
    .map(({ id, phoneNumbers }) => ({ id, destinations: allDestinations(phoneNumbers) }));
}

function allDestinations(lines: Capacity['phoneNumbers']): readonly string[] | null {
  const named: string[] = [];
  for (const { destinations } of lines) {
    if (destinations === null) return null;
    named.push(...destinations);
  }
  return [...new Set(named)].sort();
}
