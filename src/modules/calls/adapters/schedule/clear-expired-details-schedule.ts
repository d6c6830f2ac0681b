import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ClearExpiredDetails } from '../../application/clear-expired-details';

const ROUND = 'clear-expired-details';
const INTERVAL_MS = 3_600_000;

/** Clears old transcripts and links to recordings at the start and every hour; rounds of one instance never overlap. */
@Injectable()
export class ClearExpiredDetailsSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ClearExpiredDetailsSchedule.name);
  private round: Promise<void> | undefined;

  constructor(
    private readonly clearExpiredDetails: ClearExpiredDetails,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const start = () => {
      this.round ??= this.run();
    };
    this.scheduler.addInterval(ROUND, setInterval(start, INTERVAL_MS));
    start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.clearExpiredDetails.stop();
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await this.round;
  }

  private async run(): Promise<void> {
    try {
      await this.clearExpiredDetails.execute();
    } catch (error) {
      this.logger.warn('Old transcripts and recordings could not be cleared; the next round tries again', error);
    }
    this.round = undefined;
  }
}
