import { Injectable } from '@nestjs/common';
import { isAnswered } from '../domain/advance-attempt';
import type { CallEnded } from '../public/call-ended.event';
import type { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import type { CallPlaced } from '../public/call-placed.event';
import type { CallReported } from '../public/call-reported.event';
import { CallHistory } from './ports/call-history.port';

/** Keeps the history of every accepted attempt, in the transaction of the events. */
@Injectable()
export class RecordHistory {
  constructor(private readonly history: CallHistory) {}

  placed(events: readonly CallPlaced[]): Promise<void> {
    return this.history.open(events);
  }

  /** What is told twice of one attempt is taken over one after the other. */
  async reported(events: readonly CallReported[]): Promise<void> {
    for (let left = events; left.length > 0;) {
      const first = new Map([...left].reverse().map((event) => [event.attemptId, event]));
      await this.history.merge([...first.values()]);
      left = left.filter((event) => first.get(event.attemptId) !== event);
    }
  }

  ended(events: readonly CallEnded[]): Promise<void> {
    return this.history.close(
      events.map(({ attemptId, outcome }) => ({
        attemptId,
        outcome,
        status: isAnswered(outcome) ? 'completed' : 'failed',
      })),
    );
  }

  async corrected(events: readonly CallOutcomeCorrected[]): Promise<void> {
    for (const { attemptId, outcome } of events) await this.history.correct(attemptId, outcome);
  }
}
