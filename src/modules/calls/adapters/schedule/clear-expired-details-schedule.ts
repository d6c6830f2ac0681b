import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../../../../shared/schedule/rounds';
import { ClearExpiredDetails } from '../../application/clear-expired-details';

/** Clears old transcripts and links to recordings at the start and every hour. */
@Injectable()
export class ClearExpiredDetailsSchedule extends Rounds {
  constructor(
    private readonly clearExpiredDetails: ClearExpiredDetails,
    scheduler: SchedulerRegistry,
  ) {
    super(scheduler, {
      name: 'clear-expired-details',
      intervalMs: 3_600_000,
      failure: 'Old transcripts and recordings could not be cleared',
    });
  }

  protected execute(): Promise<void> {
    return this.clearExpiredDetails.execute();
  }

  protected stop(): void {
    this.clearExpiredDetails.stop();
  }
}
