import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../shared/kernel/unit-of-work.port';
import type { CallProvider } from '../../providers/public/call-provider.port';
import { type PreparedAttempt, PrepareAttempts } from './prepare-attempts';
import { TakeDueCalls } from './take-due-calls';
import { WriteClaim } from './write-claim';

/** An attempt that is committed as `placing` and may be sent through its driver. */
export interface ClaimedAttempt extends PreparedAttempt {
  readonly driver: CallProvider;
}

/**
 * What a claim did. `hasMore`: as many calls were due as it takes, and it has dealt with some of them, so the next one may
 * find others. What becomes due or free later wakes the dispatcher by itself.
 */
export interface Claim {
  readonly attempts: readonly ClaimedAttempt[];
  readonly hasMore: boolean;
}

const NOTHING: Claim = { attempts: [], hasMore: false };

/**
 * Takes due calls for dispatch in one transaction. Providers are locked before anything is counted, so that the
 * caps hold for any number of instances; what commits here is everything that a vendor is about to be asked for.
 * If the process dies after the commit, the attempts stay `placing` and hold their slots until they are resolved.
 */
@Injectable()
export class ClaimCalls {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly takeDueCalls: TakeDueCalls,
    private readonly prepareAttempts: PrepareAttempts,
    private readonly writeClaim: WriteClaim,
  ) {}

  /** @param claimedBy names this instance in the attempts it opens */
  execute(limit: number, claimedBy: string): Promise<Claim> {
    return this.unitOfWork.run(async () => {
      const { due, capacities, drivers } = await this.takeDueCalls.execute(limit);
      if (due.length === 0) return NOTHING;
      const preparation = await this.prepareAttempts.execute(due, capacities);
      await this.writeClaim.execute(preparation, claimedBy);
      const { attempts, failures, undialable } = preparation;
      const claimed = attempts.flatMap((attempt) => {
        const driver = drivers.get(attempt.providerId);
        return driver ? [{ ...attempt, driver }] : [];
      });
      const handled = attempts.length + failures.length + undialable.length;
      return { attempts: claimed, hasMore: due.length === limit && handled > 0 };
    });
  }
}
