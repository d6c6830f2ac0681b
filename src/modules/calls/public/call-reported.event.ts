import type { CallReport } from '../../providers/public/call-provider.port';

/** The vendor told something about an accepted attempt. Reports repeat and come in any order. */
export class CallReported {
  constructor(
    readonly attemptId: string,
    readonly report: CallReport,
  ) {}
}
