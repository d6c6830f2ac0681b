import { isOver } from './paid-subscription';
import type { PaymentSubscription } from './payment-subscription';

/** A change of a paid subscription that was begun, written down before anything was sent. */
export interface NotedChange {
  /** A better plan, at once; or a lesser one, when the period ends. */
  readonly kind: 'upgrade' | 'downgrade';
  /** The payment side's id of the subscription. */
  readonly paymentId: string;
  readonly wantedPlanId: string;
}

/** What a look at the payment side shows about a noted change that nobody is at any more. */
export interface Seen {
  /** The subscription; undefined = this look did not show it. */
  readonly subscription: PaymentSubscription | undefined;
  /** Whether the wanted plan is the one that it carries. */
  readonly isWantedThere: boolean;
  /** Whether nothing that was sent for it can still be on its way. */
  readonly isOld: boolean;
}

/** What is left to be done about it. */
export type Remainder =
  /** Nothing, ever again. */
  | 'nothing'
  /** Nothing yet: it may still come about. */
  | 'wait'
  /** The better plan is there, and something that was to come before it was chosen would end it. */
  | 'clear'
  /** The lesser plan has not come about, and the cancellation that was in its way is gone. */
  | 'put-back';

export function remainderOf({ kind }: NotedChange, { subscription, isWantedThere, isOld }: Seen): Remainder {
  const soon = isOld ? 'nothing' : 'wait';
  if (subscription === undefined) return soon;
  if (isOver(subscription)) return 'nothing';
  if (kind === 'downgrade') return subscription.hasUnfinishedChange ? 'put-back' : soon;
  if (isWantedThere) return endsOrChanges(subscription) ? 'clear' : 'nothing';
  return subscription.hasOpenChange ? 'wait' : soon;
}

function endsOrChanges({ endsAt, nextPriceId, freeFollows }: PaymentSubscription): boolean {
  return endsAt !== null || nextPriceId !== null || freeFollows;
}
