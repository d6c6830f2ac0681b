import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';

export interface RoundsSettings {
  /** Of the interval in the registry. */
  readonly name: string;
  readonly intervalMs: number;
  /** What the log says of a round that failed; the next one tries again. */
  readonly failure: string;
  /** False: the first round comes after an interval, once whatever else begins at the start has begun. */
  readonly beginsAtOnce?: false;
  /** What a shutdown waits for the round under way; until its end where it can be stopped soon. */
  readonly longestWaitMs?: number;
}

/** What is done at the start, or an interval later, and then at a steady interval. Rounds of one instance never overlap. */
export abstract class Rounds implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(this.constructor.name);
  private round: Promise<void> | undefined;

  protected constructor(
    private readonly scheduler: SchedulerRegistry,
    private readonly settings: RoundsSettings,
  ) {}

  onApplicationBootstrap(): void {
    const { name, intervalMs, beginsAtOnce = true } = this.settings;
    const start = () => {
      this.round ??= this.run();
    };
    this.scheduler.addInterval(name, setInterval(start, intervalMs));
    if (beginsAtOnce) start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const { name, longestWaitMs } = this.settings;
    this.stop();
    if (this.scheduler.doesExist('interval', name)) this.scheduler.deleteInterval(name);
    await (longestWaitMs === undefined ? this.round : Promise.race([this.round, after(longestWaitMs)]));
  }

  protected abstract execute(): Promise<unknown>;

  /** Has the round under way end soon. */
  protected abstract stop(): void;

  private async run(): Promise<void> {
    try {
      await this.execute();
    } catch (error) {
      this.logger.warn(`${this.settings.failure}; the next round tries again`, error);
    }
    this.round = undefined;
  }
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
