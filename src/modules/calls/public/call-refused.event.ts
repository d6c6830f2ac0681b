import type { Refusal } from '../../providers/public/call-provider.port';

/** An attempt certainly placed nothing and is closed. */
export class CallRefused {
  constructor(
    readonly attemptId: string,
    readonly refusal: Refusal,
  ) {}
}
