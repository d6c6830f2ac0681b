import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { IdempotencyKeys } from './idempotency-keys.port';

const ROUND = 'sweep-idempotency-keys';
const INTERVAL_MS = 600_000;
/** Rows that one statement deletes, so that none holds many locks for long. */
const BATCH = 1_000;

/**
 * Removes old keys with their answers, which hold numbers that were called, at the start and every ten minutes. Requests
 * with a key remove a few as well, but there may be no such request any more.
 */
@Injectable()
export class IdempotencyKeysSweep implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(IdempotencyKeysSweep.name);
  private round: Promise<void> | undefined;
  private isOver = false;

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly scheduler: SchedulerRegistry,
    private readonly retentionMs: number,
  ) {}

  onApplicationBootstrap(): void {
    const start = () => {
      this.round ??= this.run();
    };
    this.scheduler.addInterval(ROUND, setInterval(start, INTERVAL_MS));
    start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isOver = true;
    if (this.scheduler.doesExist('interval', ROUND)) this.scheduler.deleteInterval(ROUND);
    await this.round;
  }

  private async run(): Promise<void> {
    try {
      for (let swept = BATCH; swept === BATCH && !this.isOver;) swept = await this.keys.sweep(this.retentionMs, BATCH);
    } catch (error) {
      this.logger.warn('Old idempotency keys could not be removed; the next round tries again', error);
    }
    this.round = undefined;
  }
}
