import type { CommonAnswerFault, Order } from '../kit/faults';

/** What goes wrong with the answer to one POST /v2/create-phone-call. */
export type AnswerFault =
  | CommonAnswerFault
  | { readonly kind: 'account'; readonly status: 401 | 402 | 403 }
  | { readonly kind: 'line'; readonly reason: 'missing' | 'malformed' };

export type EventType = 'call_started' | 'call_ended' | 'call_analyzed';

export type FaultOrder = Order<AnswerFault, EventType>;
