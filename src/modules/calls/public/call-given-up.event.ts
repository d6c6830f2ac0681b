/** An attempt whose placement was never proven is closed without a call. */
export class CallGivenUp {
  constructor(readonly attemptId: string) {}
}
