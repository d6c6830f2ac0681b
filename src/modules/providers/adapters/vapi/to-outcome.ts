import type { Outcome } from '../../public/outcome';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  voicemail: 'voicemail',

  'assistant-said-end-call-phrase': 'completed',
  'assistant-forwarded-call': 'completed',
  'assistant-request-returned-forwarding-phone-number': 'completed',
  'exceeded-max-duration': 'completed',
  'call.in-progress.error-transfer-failed': 'completed',
  'call.forwarding.no-answer': 'completed',
  'call.forwarding.operator-busy': 'completed',

  'silence-timed-out': 'no_conversation',
  'assistant-join-timed-out': 'no_conversation',
  'call.in-progress.error-assistant-did-not-receive-customer-audio': 'no_conversation',
  'customer-did-not-give-microphone-permission': 'no_conversation',

  'customer-did-not-answer': 'no_answer',
  'customer-busy': 'busy',
  'vonage-rejected': 'declined',
  'twilio-reported-customer-misdialed': 'invalid_number',
  'twilio-failed-to-connect-call': 'carrier_error',
  'vonage-failed-to-connect-call': 'carrier_error',
  'vonage-disconnected': 'provider_error',

  'assistant-not-found': 'config',
  'assistant-not-valid': 'config',
  'phone-call-provider-bypass-enabled-but-no-call-received': 'config',
  'call.start.error-get-assistant': 'config',
  'call.start.error-get-customer': 'config',
  'call.start.error-get-resources-validation': 'config',
  'call.start.assistant-version-error-validation': 'config',

  'call.start.error-subscription-concurrency-limit-reached': 'capacity',
  'call.start.error-fraud-check-failed': 'account',
  'call.start.error-enterprise-feature-not-available-recording-consent': 'account',
  'call.start.error-get-phone-number': 'line',
  'call.start.error-get-transport': 'line',

  'manually-canceled': 'canceled',
  'scheduled-call-deleted': 'canceled',
  'call-deleted': 'canceled',

  'worker-shutdown': 'provider_error',
  'phone-call-provider-closed-websocket': 'provider_error',
};

/**
 * For the hundreds of reasons that differ only in a component's name, and for those that come next month. The first
 * match counts.
 */
const PATTERNS: readonly (readonly [RegExp, Outcome])[] = [
  [/^call\.start\.error-subscription-/, 'account'],
  [/^call\.start\.error-vapi-number-/, 'line'],
  [/^call-start-error-/, 'config'],
  [/^assistant-request-/, 'config'],
  [/^(customer|assistant)-ended-call/, 'completed'],
  [/(^|[.-])completed(-call)?$/, 'completed'],
  // The assistant had the recipient on the line and wanted to hand over.
  [/^call\.in-progress\.error-warm-transfer-/, 'completed'],
  [/^call\.(ending|ringing)\.hook-executed-/, 'completed'],
  [/outbound-sip-403-/, 'blocked'],
  [/outbound-sip-(408|480)-/, 'no_answer'],
  [/outbound-sip-/, 'carrier_error'],
  [/\bsip-(in|out)bound-call(er)?-/, 'carrier_error'],
  [/vapifault|providerfault|configfault|pipeline/, 'provider_error'],
  [/^call\.start\./, 'provider_error'],
  [/\.error-/, 'provider_error'],
];

/** Vapi's `endedReason` in our words. It knows about 600 of them and gets new ones monthly: the rest is `unknown`. */
export function toOutcome(endedReason: string | undefined): Outcome {
  if (endedReason === undefined) return 'unknown';
  if (Object.hasOwn(OUTCOMES, endedReason)) return OUTCOMES[endedReason] ?? 'unknown';
  return PATTERNS.find(([pattern]) => pattern.test(endedReason))?.[1] ?? 'unknown';
}

const NOBODY_CONNECTED: ReadonlySet<Outcome> = new Set([
  'no_answer',
  'busy',
  'declined',
  'invalid_number',
  'blocked',
  'capacity',
  'account',
  'line',
  'config',
  'carrier_error',
]);

/** Whether the reason alone proves that nobody was ever on the line. `call.start.…`: the phone did not even ring. */
export function isNeverConnected(endedReason: string | undefined): boolean {
  return NOBODY_CONNECTED.has(toOutcome(endedReason)) || endedReason?.startsWith('call.start.') === true;
}
