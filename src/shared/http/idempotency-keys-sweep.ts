import { Injectable } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from '../schedule/rounds';
import { IdempotencyKeys } from './idempotency-keys.port';

/** Rows that one statement deletes, so that none holds many locks for long. */
const BATCH = 1_000;

/**
 * Removes old keys with their answers, which hold numbers that were called, at the start and every ten minutes: what is
 * expired is never answered with, so nobody has to hurry.
 */
@Injectable()
export class IdempotencyKeysSweep extends Rounds {
  private isOver = false;

  constructor(
    private readonly keys: IdempotencyKeys,
    scheduler: SchedulerRegistry,
    private readonly retentionMs: number,
  ) {
    super(scheduler, {
      name: 'sweep-idempotency-keys',
      intervalMs: 600_000,
      failure: 'Old idempotency keys could not be removed',
    });
  }

  protected async execute(): Promise<void> {
    for (let swept = BATCH; swept === BATCH && !this.isOver;) swept = await this.keys.sweep(this.retentionMs, BATCH);
  }

  protected stop(): void {
    this.isOver = true;
  }
}
