import { Injectable, Logger } from '@nestjs/common';
import { FinishCalls } from './finish-calls';
import { LookAfterCalls } from './look-after-calls';
import { ResolvePlacements } from './resolve-placements';

/** One round of looking after everything that a lost answer, webhook or instance may have left behind. Never rejects. */
@Injectable()
export class ReconcileCalls {
  private readonly logger = new Logger(ReconcileCalls.name);

  constructor(
    private readonly resolvePlacements: ResolvePlacements,
    private readonly lookAfterCalls: LookAfterCalls,
    private readonly finishCalls: FinishCalls,
  ) {}

  async execute(): Promise<void> {
    const duties = [this.resolvePlacements, this.lookAfterCalls, this.finishCalls];
    for (const outcome of await Promise.allSettled(duties.map((duty) => duty.execute())))
      if (outcome.status === 'rejected')
        this.logger.warn('Looking after calls failed in part; the next round tries again', outcome.reason);
  }
}
