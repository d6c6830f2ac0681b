import type { CallReport } from '../../../providers/public/call-provider.port';
import type { Outcome } from '../../../providers/public/outcome';
import type { CallPlaced } from '../../public/call-placed.event';

/** What became of each accepted attempt, as its user sees it. Writes join the surrounding unit of work. */
export abstract class CallHistory {
  /** Begins the record of an attempt. Repeating it changes nothing. */
  abstract open(attempt: CallPlaced['attempt'], providerCallId: string): Promise<void>;

  /**
   * Takes over what a report tells. A report with the connected time replaces earlier details, unless it lacks the
   * analysis that one before it brought: the analysis is the vendor's last word. Any other only fills gaps. So the order
   * of reports does not matter.
   */
  abstract merge(attemptId: string, report: CallReport): Promise<void>;

  /** Notes how the attempt ended. Repeating it changes nothing. */
  abstract close(attemptId: string, outcome: Outcome, status: 'completed' | 'failed'): Promise<void>;

  /** Notes that the attempt, which has ended, ended in another way with the same status. */
  abstract correct(attemptId: string, outcome: Outcome): Promise<void>;
}
