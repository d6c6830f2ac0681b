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

  reported(events: readonly CallReported[]): Promise<void> {
    return this.history.merge(events);
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
