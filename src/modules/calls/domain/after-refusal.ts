import type { Refusal } from '../../providers/public/call-provider.port';
import type { Failure } from './failure';

/** What becomes of a call whose attempt was certainly not placed. */
export type AfterRefusal =
  | { readonly status: 'queued' }
  | { readonly status: 'canceled' }
  | { readonly status: 'failed'; readonly failure: Failure };

/** What the call has been through. */
export interface RefusedCall {
  readonly isCancelRequested: boolean;
  /** Earlier attempts of the call that were refused because of our number, or of the account. */
  readonly lineRefusals: number;
  readonly accountRefusals: number;
}

/**
 * So many refusals of a kind one call may cause: each rests a number, or pauses a whole provider. A recipient whom
 * vendors refuse with such words must not take every number and provider away from all others.
 */
const MOST_LINE_REFUSALS = 3;
const MOST_ACCOUNT_REFUSALS = 5;

/** Refusals that concern the call itself: they would come again wherever it went. */
const FATAL: Partial<Record<Refusal, Failure>> = {
  destination: { code: 'invalid_number', detail: 'The provider refused the recipient number.' },
  agent: { code: 'refused', detail: 'The provider refused the assistant of this template.' },
  request: { code: 'refused', detail: 'The provider refused the request.' },
};

const REFUSED_TOO_OFTEN: Failure = { code: 'refused', detail: 'Providers refused this call again and again.' };

/**
 * Refusals that concern us or the provider put the call back to its place, for another time, number or provider;
 * those that rest a number or pause a provider only so often.
 */
export function afterRefusal(refusal: Refusal, call: RefusedCall): AfterRefusal {
  if (call.isCancelRequested) return { status: 'canceled' };
  const failure = FATAL[refusal] ?? (isTooOften(refusal, call) ? REFUSED_TOO_OFTEN : undefined);
  return failure ? { status: 'failed', failure } : { status: 'queued' };
}

function isTooOften(refusal: Refusal, { lineRefusals, accountRefusals }: RefusedCall): boolean {
  if (refusal === 'line') return lineRefusals + 1 >= MOST_LINE_REFUSALS;
  return refusal === 'account' && accountRefusals + 1 >= MOST_ACCOUNT_REFUSALS;
}
