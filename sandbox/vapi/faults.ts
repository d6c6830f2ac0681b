import type { CommonAnswerFault, Order } from '../kit/faults';

/** What goes wrong with the answer to one POST /call. */
export type AnswerFault =
  | CommonAnswerFault
  | { readonly kind: 'account'; readonly status: 400 | 401 | 402 | 403 }
  | { readonly kind: 'line'; readonly reason: 'daily-limit' | 'missing' }
  /** Accepted, with a note that the call had to wait for a free line. */
  | { readonly kind: 'concurrency-blocked' };

export type MessageType = 'status-update' | 'end-of-call-report';

export type FaultOrder = Order<AnswerFault, MessageType>;
