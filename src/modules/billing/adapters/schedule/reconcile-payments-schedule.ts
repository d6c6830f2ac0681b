import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { BillingSettings } from '../../application/billing-settings';
import { ReconcilePayments } from '../../application/reconcile-payments';

const ROUND = 'reconcile-payments';
/** What a shutdown waits for a payment side that does not answer. */
const LONGEST_WAIT_MS = 3_000;

/** Compares with the payment side at the start and at a steady interval; rounds of one instance never overlap. */
@Injectable()
export class ReconcilePaymentsSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ReconcilePaymentsSchedule.name);
  private round: Promise<void> | undefined;

  constructor(
    private readonly reconcilePayments: ReconcilePayments,
    private readonly settings: BillingSettings,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const start = () => {
      this.round ??= this.run();
    };
    this.scheduler.addInterval(ROUND, setInterval(start, this.settings.reconcileIntervalMs));
    start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.reconcilePayments.stop();
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await Promise.race([this.round, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS).unref())]);
  }

  private async run(): Promise<void> {
    try {
      await this.reconcilePayments.execute();
    } catch (error) {
      this.logger.warn('The payment side could not be compared with; the next round tries again', error);
    }
    this.round = undefined;
  }
}
