import { Injectable } from '@nestjs/common';
import { DispatchSettings } from './dispatch-settings';
import { HangUpCall } from './hang-up-call';
import { LiveCalls } from './ports/live-calls.port';

const HANG_UPS_PER_RUN = 50;

/** Asks again for hang-ups that a vendor has not followed yet. */
@Injectable()
export class RepeatHangUps {
  constructor(
    private readonly liveCalls: LiveCalls,
    private readonly hangUpCall: HangUpCall,
    private readonly settings: DispatchSettings,
  ) {}

  async execute(): Promise<void> {
    const overdue = await this.liveCalls.overdueHangUps(this.settings.reconcileIntervalMs, HANG_UPS_PER_RUN);
    for (const callQueueId of overdue) await this.hangUpCall.execute(callQueueId);
  }
}
