import type { Outcome } from '../../../providers/public/outcome';
import type { CallPlaced } from '../../public/call-placed.event';
import type { CallReported } from '../../public/call-reported.event';

/** How an attempt ended, as its record shows it. */
export interface RecordedEnd {
  readonly attemptId: string;
  readonly outcome: Outcome;
  readonly status: 'completed' | 'failed';
}

/**
 * What became of each accepted attempt, as its user sees it. Writes join the surrounding unit of work, and take one
 * statement for any number of attempts; none comes twice in one call.
 */
export abstract class CallHistory {
  /** Begins the records of attempts. Repeating it changes nothing. */
  abstract open(placed: readonly Pick<CallPlaced, 'attempt' | 'providerCallId'>[]): Promise<void>;

  /**
   * Takes over what reports tell. A report with the connected time replaces earlier details, unless it lacks the
   * analysis that one before it brought: the analysis is the vendor's last word. Any other only fills gaps. So the order
   * of reports does not matter.
   */
  abstract merge(told: readonly CallReported[]): Promise<void>;

  /** Notes how attempts ended. Repeating it changes nothing. */
  abstract close(ends: readonly RecordedEnd[]): Promise<void>;

  /** Notes that the attempt, which has ended, ended in another way with the same status. */
  abstract correct(attemptId: string, outcome: Outcome): Promise<void>;
}
