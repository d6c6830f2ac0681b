import {
  type BeforeApplicationShutdown,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { SchedulerRegistry } from '@nestjs/schedule';
import { atMost } from '../kernel/at-most';

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

/**
 * What is done at the start, or an interval later, and then at a steady interval. Rounds of one instance never overlap.
 * A shutdown tells every part first and waits then: parts that are waited for one after the other take together no
 * longer than the longest one.
 */
export abstract class Rounds implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(this.constructor.name);
  private round: Promise<void> | undefined;
  private end: Promise<void> | undefined;

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

  onModuleDestroy(): void {
    const { name, longestWaitMs } = this.settings;
    this.stop();
    if (this.scheduler.doesExist('interval', name)) this.scheduler.deleteInterval(name);
    this.end = longestWaitMs === undefined ? this.round : this.round && atMost(longestWaitMs, this.round);
  }

  beforeApplicationShutdown(): Promise<void> | undefined {
    return this.end;
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
