import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DispatchSettings } from '../../application/dispatch-settings';
import { ReconcileCalls } from '../../application/reconcile-calls';

const ROUND = 'reconcile-calls';

/** Looks after unknown placements and silent calls at a steady interval; rounds of one instance never overlap. */
@Injectable()
export class ReconcileSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ReconcileSchedule.name);
  private round: Promise<void> | undefined;

  constructor(
    private readonly reconcileCalls: ReconcileCalls,
    private readonly settings: DispatchSettings,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const start = () => {
      this.round ??= this.run();
    };
    this.scheduler.addInterval(ROUND, setInterval(start, this.settings.reconcileIntervalMs));
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await this.round;
  }

  private async run(): Promise<void> {
    try {
      await this.reconcileCalls.execute();
    } catch (error) {
      this.logger.warn('Looking after calls failed; the next round tries again', error);
    } finally {
      this.round = undefined;
    }
  }
}
