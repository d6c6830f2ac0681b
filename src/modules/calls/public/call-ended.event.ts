import type { Outcome } from '../../providers/public/outcome';
import type { AttemptIds } from './attempt-ids';

/** What an ended attempt uses. `later`: the connected time is not known yet. */
export type Usage =
  { readonly kind: 'nothing' } | { readonly kind: 'one-call'; readonly minutes: number } | { readonly kind: 'later' };

/** An accepted attempt is over. */
export class CallEnded {
  readonly attemptId: string;

  constructor(
    readonly attempt: AttemptIds,
    readonly outcome: Outcome,
    readonly usage: Usage,
  ) {
    this.attemptId = attempt.id;
  }
}
