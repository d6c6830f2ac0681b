import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ForgetPaymentEvents } from '../../application/forget-payment-events';

const ROUND = 'forget-payment-events';
const INTERVAL_MS = 3_600_000;

/** Deletes old payment events at the start and every hour; rounds of one instance never overlap. */
@Injectable()
export class ForgetPaymentEventsSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ForgetPaymentEventsSchedule.name);
  private round: Promise<void> | undefined;

  constructor(
    private readonly forgetPaymentEvents: ForgetPaymentEvents,
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
    this.forgetPaymentEvents.stop();
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await this.round;
  }

  private async run(): Promise<void> {
    try {
      await this.forgetPaymentEvents.execute();
    } catch (error) {
      this.logger.warn('Old payment events could not be deleted; the next round tries again', error);
    }
    this.round = undefined;
  }
}
