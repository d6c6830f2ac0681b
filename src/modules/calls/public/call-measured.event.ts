/** The connected time of an attempt that had ended without it has become known, in whole minutes rounded up. */
export class CallMeasured {
  constructor(
    readonly attemptId: string,
    readonly minutes: number,
  ) {}
}
