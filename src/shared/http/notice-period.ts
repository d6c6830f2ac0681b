import { setTimeout as delay } from 'node:timers/promises';
import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';

/**
 * Keeps the service open for requests for a while after it has begun to say that it is not ready: whoever shares
 * requests out learns of it only when they ask the next time, and sends some more until then. What else is finished
 * before the end goes on meanwhile.
 */
export class NoticePeriod implements OnModuleDestroy, BeforeApplicationShutdown {
  private isOver: Promise<void> = Promise.resolve();

  constructor(private readonly delayMs: number) {}

  onModuleDestroy(): void {
    this.isOver = delay(this.delayMs);
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.isOver;
  }
}
