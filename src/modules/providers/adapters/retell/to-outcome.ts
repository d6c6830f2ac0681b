import type { PhoneCallResponse } from 'retell-sdk/resources';
import type { Outcome } from '../../public/outcome';

/** Retell's own word for the end of a call. */
export type DisconnectionReason = NonNullable<PhoneCallResponse['disconnection_reason']>;

/** The compiler asks for every reason that Retell's own types know. */
const OUTCOMES: Readonly<Record<DisconnectionReason, Outcome>> = {
  user_hangup: 'completed',
  agent_hangup: 'completed',
  call_transfer: 'completed',
  call_take_over: 'completed',
  max_duration_reached: 'completed',
  transfer_bridged: 'completed',
  transfer_cancelled: 'completed',
  // A recipient who calls back while all lines are taken is handed to another number.
  no_concurrency_fallback: 'completed',

  voicemail_reached: 'voicemail',
  ivr_reached: 'voicemail',

  inactivity: 'no_conversation',
  error_no_audio_received: 'no_conversation',

  dial_no_answer: 'no_answer',
  dial_busy: 'busy',
  user_declined: 'declined',
  invalid_destination: 'invalid_number',
  marked_as_spam: 'blocked',
  dial_failed: 'carrier_error',
  sip_routing_error: 'carrier_error',
  telephony_provider_unavailable: 'carrier_error',

  concurrency_limit_reached: 'capacity',
  no_valid_payment: 'account',
  scam_detected: 'account',
  telephony_provider_permission_denied: 'line',
  error_llm_websocket_open: 'config',
  error_llm_websocket_lost_connection: 'config',
  error_llm_websocket_runtime: 'config',
  error_llm_websocket_corrupt_payload: 'config',

  error_asr: 'provider_error',
  error_retell: 'provider_error',
  error_unknown: 'provider_error',
  error_user_not_joined: 'provider_error',
  registered_call_timeout: 'provider_error',

  manual_stopped: 'canceled',
};

/** For reasons that come with a later version of Retell. The first match counts. */
const PATTERNS: readonly (readonly [RegExp, Outcome])[] = [
  [/^(dial|sip|telephony)_/, 'carrier_error'],
  [/^error_llm_/, 'config'],
  [/^error_/, 'provider_error'],
  [/^(call_)?transfer_/, 'completed'],
];

/** What a status says where the reason says nothing. */
const BY_STATUS: Readonly<Record<string, Outcome>> = { not_connected: 'carrier_error', error: 'provider_error' };

const NOBODY_CONNECTED: ReadonlySet<Outcome> = new Set([
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'blocked',
  'carrier_error',
  'capacity',
  'line',
]);

/** Ends that come before the phone rings, or in the middle of a conversation. */
const BEFORE_OR_AFTER_CONNECTION: ReadonlySet<Outcome> = new Set(['account', 'config']);

const CONVERSATIONS: ReadonlySet<Outcome> = new Set(['completed', 'no_conversation']);

/** What Retell tells of a call's end. */
export interface Ending {
  readonly reason: string | undefined;
  readonly status: string | undefined;
}

/** What else is known of a call that has ended. */
export interface Circumstances {
  /** Somebody or something was on the line. */
  readonly wasConnected: boolean;
  /** The analysis found a machine, which the reason does not tell. */
  readonly wasMachine: boolean;
}

/** Retell's end of a call in our words; `unknown` only where it says nothing that we know. */
export function toOutcome(ending: Ending, { wasConnected, wasMachine }: Circumstances): Outcome {
  const outcome = outcomeOf(ending);
  if (wasConnected && BEFORE_OR_AFTER_CONNECTION.has(outcome)) return 'provider_error';
  return wasMachine && CONVERSATIONS.has(outcome) ? 'voicemail' : outcome;
}

/** Whether the end alone proves that nobody was ever on the line. */
export function isNeverConnected(ending: Ending): boolean {
  return ending.status === 'not_connected' || NOBODY_CONNECTED.has(outcomeOf(ending));
}

function outcomeOf({ reason = '', status = '' }: Ending): Outcome {
  if (Object.hasOwn(OUTCOMES, reason)) return OUTCOMES[reason as DisconnectionReason];
  const byPattern = PATTERNS.find(([pattern]) => pattern.test(reason))?.[1];
  return byPattern ?? (Object.hasOwn(BY_STATUS, status) ? BY_STATUS[status] : undefined) ?? 'unknown';
}
