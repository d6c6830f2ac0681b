import type { Refusal } from '../../providers/public/call-provider.port';
import type { Failure } from './failure';

/** What becomes of a call whose attempt was certainly not placed. */
export type AfterRefusal =
  | { readonly status: 'queued' }
  | { readonly status: 'canceled' }
  | { readonly status: 'failed'; readonly failure: Failure };

/**
 * Refusals that concern us or the provider put the call back to its place, for another time, number or provider.
 * Those that concern the call itself would come again wherever it went.
 */
export function afterRefusal(refusal: Refusal, isCancelRequested: boolean): AfterRefusal {
  if (isCancelRequested) return { status: 'canceled' };
  switch (refusal) {
    case 'concurrency':
    case 'rate_limit':
    case 'unreachable':
    case 'account':
    case 'line':
      return { status: 'queued' };
    case 'destination':
      return failed('invalid_number', 'The provider refused the recipient number.');
    case 'agent':
      return failed('refused', 'The provider refused the assistant of this template.');
    case 'request':
      return failed('refused', 'The provider refused the request.');
  }
}

function failed(code: Failure['code'], detail: string): AfterRefusal {
  return { status: 'failed', failure: { code, detail } };
}
