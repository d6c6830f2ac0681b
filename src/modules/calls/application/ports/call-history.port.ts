import type { CallReport } from '../../../providers/public/call-provider.port';
import type { Outcome } from '../../../providers/public/outcome';
import type { CallPlaced } from '../../public/call-placed.event';

/** What became of each accepted attempt, as its user sees it. Writes join the surrounding unit of work. */
export abstract class CallHistory {
  /** Begins the record of an attempt. Repeating it changes nothing. */
  abstract open(attempt: CallPlaced['attempt'], providerCallId: string): Promise<void>;

  /**
   * Takes over what a report tells. A report with the connected time is the vendor's last word and replaces earlier
   * details; any other only fills gaps, so that the order of reports does not matter.
   */
  abstract merge(attemptId: string, report: CallReport): Promise<void>;

  /** Notes how the attempt ended. Repeating it changes nothing. */
  abstract close(attemptId: string, outcome: Outcome, status: 'completed' | 'failed'): Promise<void>;
}
