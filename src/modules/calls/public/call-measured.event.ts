import type { AttemptIds } from './attempt-ids';

/** The connected time of an attempt that had ended without it has become known, in whole minutes rounded up. */
export class CallMeasured {
  readonly attemptId: string;

  constructor(
    readonly attempt: AttemptIds,
    readonly minutes: number,
  ) {
    this.attemptId = attempt.id;
  }
}
