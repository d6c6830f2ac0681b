import type { Outcome } from '../../providers/public/outcome';

/** What an ended attempt uses. `later`: the connected time is not known yet. */
export type Usage =
  { readonly kind: 'nothing' } | { readonly kind: 'one-call'; readonly minutes: number } | { readonly kind: 'later' };

/** An accepted attempt is over. */
export class CallEnded {
  constructor(
    readonly attemptId: string,
    readonly outcome: Outcome,
    readonly usage: Usage,
  ) {}
}
