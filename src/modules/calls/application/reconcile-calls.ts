import { Injectable } from '@nestjs/common';
import { FinishCalls } from './finish-calls';
import { LookAfterCalls } from './look-after-calls';
import { RepeatHangUps } from './repeat-hang-ups';
import { ResolvePlacements } from './resolve-placements';

/** One round of looking after everything that a lost answer, webhook or instance may have left behind. */
@Injectable()
export class ReconcileCalls {
  constructor(
    private readonly resolvePlacements: ResolvePlacements,
    private readonly lookAfterCalls: LookAfterCalls,
    private readonly repeatHangUps: RepeatHangUps,
    private readonly finishCalls: FinishCalls,
  ) {}

  async execute(): Promise<void> {
    await this.repeatHangUps.execute();
    await this.resolvePlacements.execute();
    await this.lookAfterCalls.execute();
    await this.finishCalls.execute();
  }
}
