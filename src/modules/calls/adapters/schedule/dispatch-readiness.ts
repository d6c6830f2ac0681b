import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ANSWER_TIMEOUT_MS } from '../../../../shared/database/pool';
import { Readiness } from '../../../../shared/observability/readiness';
import { DispatchSettings } from '../../application/dispatch-settings';
import { LookAtQueue } from '../../application/look-at-queue';
import { QueueDispatcher } from '../../application/queue-dispatcher';

/** Looks that may fail in a row. */
const INTERVALS = 5;

/**
 * The dispatcher's heartbeat. It beats when a look at the queue is over, and, while something is due, when a claim is:
 * a paused or an empty queue is looked at like any other, and a claim that finds no room is over as well. A failed one
 * does not count; the bound leaves room for one that waited in vain for its answer, and some more.
 */
@Injectable()
export class DispatchReadiness implements OnModuleInit {
  private readonly longestMs: number;

  constructor(
    private readonly lookAtQueue: LookAtQueue,
    private readonly dispatcher: QueueDispatcher,
    private readonly readiness: Readiness,
    settings: DispatchSettings,
  ) {
    this.longestMs = ANSWER_TIMEOUT_MS + INTERVALS * settings.intervalMs;
  }

  onModuleInit(): void {
    this.readiness.register('dispatcher', () => this.beat());
  }

  private beat(): Promise<void> {
    const unclaimedForMs = Math.min(this.lookAtQueue.dueForMs, this.dispatcher.ageMs);
    if (Math.max(this.lookAtQueue.ageMs, unclaimedForMs) <= this.longestMs) return Promise.resolve();
    return Promise.reject(new Error('The dispatcher is stuck'));
  }
}
