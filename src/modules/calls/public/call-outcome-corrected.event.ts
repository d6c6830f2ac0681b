import type { Outcome } from '../../providers/public/outcome';

/** An ended attempt turned out to have ended in another way. Its call's state and its usage stay as they are. */
export class CallOutcomeCorrected {
  constructor(
    readonly attemptId: string,
    readonly outcome: Outcome,
  ) {}
}
