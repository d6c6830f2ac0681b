import { Vapi } from '@vapi-ai/server-sdk';
import { OUTCOMES, type Outcome } from '../../public/outcome';
import { isNeverConnected, toOutcome } from './to-outcome';

const GROUPS: Readonly<Partial<Record<Outcome, readonly string[]>>> = {
  completed: [
    'customer-ended-call',
    'customer-ended-call-before-warm-transfer',
    'customer-ended-call-after-warm-transfer-attempt',
    'customer-ended-call-during-transfer',
    'assistant-ended-call',
    'assistant-ended-call-with-hangup-task',
    'assistant-ended-call-after-message-spoken',
    'assistant-said-end-call-phrase',
    'assistant-forwarded-call',
    'exceeded-max-duration',
    'call.in-progress.twilio-completed-call',
    'call.in-progress.sip-completed-call',
    'vonage-completed',
    'call.in-progress.error-transfer-failed',
    'call.in-progress.error-warm-transfer-max-duration',
    'call.forwarding.no-answer',
    'call.forwarding.operator-busy',
    'call.ending.hook-executed-say',
  ],
  voicemail: ['voicemail'],
  no_conversation: [
    'silence-timed-out',
    'assistant-join-timed-out',
    'call.in-progress.error-assistant-did-not-receive-customer-audio',
  ],
  no_answer: [
    'customer-did-not-answer',
    'call.in-progress.error-providerfault-outbound-sip-408-request-timeout',
    'call.in-progress.error-providerfault-outbound-sip-480-temporarily-unavailable',
  ],
  busy: ['customer-busy'],
  declined: ['vonage-rejected'],
  invalid_number: ['twilio-reported-customer-misdialed'],
  blocked: ['call.in-progress.error-providerfault-outbound-sip-403-forbidden'],
  capacity: ['call.start.error-subscription-concurrency-limit-reached'],
  account: [
    'call.start.error-subscription-frozen',
    'call.start.error-subscription-insufficient-credits',
    'call.start.error-subscription-wallet-does-not-exist',
    'call.start.error-subscription-upgrade-failed',
    'call.start.error-fraud-check-failed',
    'call.start.error-enterprise-feature-not-available-recording-consent',
  ],
  line: [
    'call.start.error-vapi-number-outbound-daily-limit',
    'call.start.error-vapi-number-international',
    'call.start.error-get-phone-number',
    'call.start.error-get-transport',
  ],
  config: [
    'assistant-not-found',
    'assistant-not-valid',
    'assistant-request-failed',
    'assistant-request-returned-no-assistant',
    'call.start.error-get-assistant',
    'call.start.error-get-customer',
    'call.start.error-get-resources-validation',
    'call.start.assistant-version-error-validation',
    'call-start-error-neither-assistant-nor-server-set',
  ],
  carrier_error: [
    'twilio-failed-to-connect-call',
    'vonage-failed-to-connect-call',
    'call.in-progress.error-sip-outbound-call-failed-to-connect',
    'call.in-progress.error-providerfault-outbound-sip-407-proxy-authentication-required',
    'call.in-progress.error-providerfault-outbound-sip-503-service-unavailable',
  ],
  provider_error: [
    'call.in-progress.error-vapifault-worker-died',
    'call.start.error-vapifault-get-org',
    'call.start.error-vapifault-database-error',
    'call.start.error-of-next-month',
    'call.in-progress.error-providerfault-openai-llm-failed',
    'pipeline-error-openai-llm-failed',
    'call.in-progress.error-pipeline-no-available-llm-model',
    'call.in-progress.error-configfault-model-unsupported-in-squad',
    'worker-shutdown',
    'phone-call-provider-closed-websocket',
    'vonage-disconnected',
  ],
  canceled: ['manually-canceled', 'scheduled-call-deleted', 'call-deleted'],
  unknown: ['unknown-error', 'a-reason-of-next-month', '', 'toString', '__proto__', 'constructor'],
};

describe('toOutcome', () => {
  const cases = Object.entries(GROUPS).flatMap(([outcome, reasons]) => reasons.map((reason) => [reason, outcome]));

  it.each(cases)('%s is %s', (reason, outcome) => expect(toOutcome(reason)).toBe(outcome));

  it('takes a missing reason for unknown', () => expect(toOutcome(undefined)).toBe('unknown'));

  it('maps every reason that the official SDK knows to one of our outcomes', () => {
    const reasons = Object.values(Vapi.CallEndedReason);
    expect(reasons.length).toBeGreaterThan(500);
    expect(reasons.filter((reason) => !OUTCOMES.includes(toOutcome(reason)))).toEqual([]);
    expect(reasons.filter((reason) => toOutcome(reason) === 'unknown')).toEqual([]);
  });

  it('dials again only for reasons that the vendor gives before the phone rings', () => {
    const redialed = new Set<Outcome>(['capacity', 'account', 'line']);
    const reasons = Object.values(Vapi.CallEndedReason).filter((reason) => redialed.has(toOutcome(reason)));
    expect(reasons.filter((reason) => !reason.startsWith('call.start.'))).toEqual([]);
  });
});

describe('isNeverConnected', () => {
  it.each(['customer-busy', 'customer-did-not-answer', 'call.start.error-vapifault-get-org', 'assistant-not-found'])(
    '%s: nobody was on the line',
    (reason) => expect(isNeverConnected(reason)).toBe(true),
  );

  it.each(['customer-ended-call', 'voicemail', 'silence-timed-out', 'worker-shutdown', 'manually-canceled', undefined])(
    '%s proves nothing',
    (reason) => expect(isNeverConnected(reason)).toBe(false),
  );
});
