import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DispatchSettings } from '../../application/dispatch-settings';
import { ReconcileCalls } from '../../application/reconcile-calls';
import { WatchRestores } from '../../application/watch-restores';

const ROUND = 'reconcile-calls';
/** What a shutdown waits for a round that asks a vendor who does not answer. */
const LONGEST_WAIT_MS = 3_000;

/** Looks after unknown placements, silent calls and restores at a steady interval; rounds of one instance never overlap. */
@Injectable()
export class ReconcileSchedule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private round: Promise<void> | undefined;

  constructor(
    private readonly reconcileCalls: ReconcileCalls,
    private readonly watchRestores: WatchRestores,
    private readonly settings: DispatchSettings,
    private readonly scheduler: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const start = () => {
      this.round ??= this.run(() => Promise.all([this.watchRestores.execute(), this.reconcileCalls.execute()]));
    };
    this.round = this.run(() => this.watchRestores.execute());
    this.scheduler.addInterval(ROUND, setInterval(start, this.settings.reconcileIntervalMs));
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await Promise.race([this.round, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS).unref())]);
  }

  private async run(duties: () => Promise<unknown>): Promise<void> {
    await duties();
    this.round = undefined;
  }
}
