import { Injectable } from '@nestjs/common';
import { isAnswered } from '../domain/advance-attempt';
import type { CallEnded } from '../public/call-ended.event';
import type { CallOutcomeCorrected } from '../public/call-outcome-corrected.event';
import type { CallPlaced } from '../public/call-placed.event';
import type { CallReported } from '../public/call-reported.event';
import { CallHistory } from './ports/call-history.port';

/** Keeps the history of every accepted attempt, in the transaction of the event. */
@Injectable()
export class RecordHistory {
  constructor(private readonly history: CallHistory) {}

  placed({ attempt, providerCallId }: CallPlaced): Promise<void> {
    return this.history.open(attempt, providerCallId);
  }

  reported({ attemptId, report }: CallReported): Promise<void> {
    return this.history.merge(attemptId, report);
  }

  ended({ attemptId, outcome }: CallEnded): Promise<void> {
    return this.history.close(attemptId, outcome, isAnswered(outcome) ? 'completed' : 'failed');
  }

  corrected({ attemptId, outcome }: CallOutcomeCorrected): Promise<void> {
    return this.history.correct(attemptId, outcome);
  }
}
