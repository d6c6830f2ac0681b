import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import { type LockedProvider, ProviderPool } from '../../providers/public/provider-pool.port';
import type { Capacity } from '../domain/assign-calls';
import { DispatchQueue } from './ports/dispatch-queue.port';
import { type PreparedAttempt, PrepareAttempts } from './prepare-attempts';

/** What a claim did. `handled` counts the calls that left the queue, placed or failed. */
export interface Claim {
  readonly attempts: readonly PreparedAttempt[];
  readonly handled: number;
}

const NOTHING: Claim = { attempts: [], handled: 0 };

/**
 * Takes due calls for dispatch in one transaction. Providers are locked before anything is counted, so that the
 * caps hold for any number of instances; what commits here is everything that a vendor is about to be asked for.
 * If the process dies after the commit, the attempts stay `placing` and hold their slots until they are resolved.
 */
@Injectable()
export class ClaimCalls {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly providers: ProviderPool,
    private readonly queue: DispatchQueue,
    private readonly prepareAttempts: PrepareAttempts,
  ) {}

  /** @param claimedBy names this instance in the attempts it opens */
  execute(limit: number, claimedBy: string): Promise<Claim> {
    return this.unitOfWork.run(async () => {
      const providers = await this.providers.lockActive();
      const { openAttempts, isPaused } = await this.queue.load();
      if (isPaused) return NOTHING;
      const capacities = providers.map((provider) => toCapacity(provider, openAttempts.get(provider.id) ?? 0));
      const due = await this.queue.lockDue(limit, usableIds(capacities));
      if (due.length === 0) return NOTHING;
      const { attempts, failures } = await this.prepareAttempts.execute(due, capacities);
      await this.queue.fail(failures);
      await this.start(attempts, claimedBy);
      return { attempts, handled: attempts.length + failures.length };
    });
  }

  private async start(attempts: readonly PreparedAttempt[], claimedBy: string): Promise<void> {
    if (attempts.length === 0) return;
    await this.queue.start(
      attempts.map((attempt) => ({
        ...attempt,
        phoneNumberId: attempt.phoneNumber.id,
        assistantId: attempt.assistant.id,
      })),
      claimedBy,
    );
    await this.providers.markNumbersUsed(attempts.map((attempt) => attempt.phoneNumber.id));
  }
}

function toCapacity(provider: LockedProvider, open: number): Capacity {
  const free = provider.hold ? 0 : Math.max(provider.limit - open, 0);
  return { ...provider, free: provider.probe ? Math.min(free, 1) : free };
}

function usableIds(capacities: readonly Capacity[]): readonly string[] {
  return capacities.filter(({ free, phoneNumbers }) => free > 0 && phoneNumbers.length > 0).map(({ id }) => id);
}
