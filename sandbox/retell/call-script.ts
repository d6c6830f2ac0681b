import type { PhoneCallResponse } from 'retell-sdk/resources';
import type { CallScript, Endings } from '../kit/call-script';

type Reason = NonNullable<PhoneCallResponse['disconnection_reason']>;
type Status = PhoneCallResponse['call_status'];

const REASONS: Readonly<Record<'ended' | 'not_connected' | 'error', readonly Reason[]>> = {
  ended: [
    'user_hangup',
    'agent_hangup',
    'call_transfer',
    'call_take_over',
    'voicemail_reached',
    'ivr_reached',
    'inactivity',
    'max_duration_reached',
    'manual_stopped',
    'transfer_bridged',
    'transfer_cancelled',
    'no_concurrency_fallback',
  ],
  not_connected: [
    'dial_busy',
    'dial_no_answer',
    'dial_failed',
    'user_declined',
    'invalid_destination',
    'telephony_provider_permission_denied',
    'telephony_provider_unavailable',
    'sip_routing_error',
    'marked_as_spam',
  ],
  error: [
    'concurrency_limit_reached',
    'no_valid_payment',
    'scam_detected',
    'error_llm_websocket_open',
    'error_llm_websocket_lost_connection',
    'error_llm_websocket_runtime',
    'error_llm_websocket_corrupt_payload',
    'error_no_audio_received',
    'error_asr',
    'error_retell',
    'error_unknown',
    'error_user_not_joined',
    'registered_call_timeout',
  ],
};

const STATUSES = new Map<string, Status>(
  Object.entries(REASONS).flatMap(([status, reasons]) => reasons.map((reason) => [reason, status as Status] as const)),
);

/** Errors that come before anybody is called. */
const NEVER_DIALED = new Set([
  'concurrency_limit_reached',
  'no_valid_payment',
  'scam_detected',
  'registered_call_timeout',
  'error_user_not_joined',
  'invalid_destination',
  'telephony_provider_permission_denied',
  'telephony_provider_unavailable',
]);

export const MACHINE = 'voicemail_reached';

export const ENDINGS: Endings = {
  weighted: [
    [46, 'user_hangup'],
    [24, 'agent_hangup'],
    [13, MACHINE],
    [12, 'dial_no_answer'],
    [5, 'dial_busy'],
  ],
  machine: MACHINE,
  noAnswer: 'dial_no_answer',
};

/** The status of a call that ended for this reason. */
export function endStatus(reason: string): Status {
  return STATUSES.get(reason) ?? 'error';
}

/** Whether a call that ends for this reason had anybody on the line. */
export function isAnswered({ endsAtOnce, endedReason }: CallScript): boolean {
  return endsAtOnce !== true && !NEVER_DIALED.has(endedReason) && endStatus(endedReason) !== 'not_connected';
}

/** Whether the recipient's phone rings, now or in a moment. */
export function isDialed({ endsAtOnce, endedReason }: CallScript): boolean {
  return endsAtOnce !== true || !NEVER_DIALED.has(endedReason);
}
