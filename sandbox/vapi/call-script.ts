import type { CallScript, Endings } from '../kit/call-script';

const NEVER_ANSWERED = new Set([
  'customer-did-not-answer',
  'customer-busy',
  'twilio-reported-customer-misdialed',
  'twilio-failed-to-connect-call',
  'vonage-rejected',
  'vonage-failed-to-connect-call',
  'call.in-progress.error-sip-outbound-call-failed-to-connect',
]);

const NEVER_DIALED = /^(call\.start\.|call-start-error|assistant-(not-found|not-valid|request-))/;

export const MACHINE = 'voicemail';

export const ENDINGS: Endings = {
  weighted: [
    [48, 'customer-ended-call'],
    [22, 'assistant-ended-call'],
    [13, MACHINE],
    [12, 'customer-did-not-answer'],
    [5, 'customer-busy'],
  ],
  machine: MACHINE,
  noAnswer: 'customer-did-not-answer',
};

/** Whether a call that ends for this reason had anybody on the line. */
export function isAnswered(script: CallScript): boolean {
  return (
    script.endsAtOnce !== true &&
    !NEVER_ANSWERED.has(script.endedReason) &&
    !script.endedReason.includes('outbound-sip-')
  );
}

/** Whether the recipient's phone rings, now or in a moment. */
export function isDialed(script: CallScript): boolean {
  return script.endsAtOnce !== true || !NEVER_DIALED.test(script.endedReason);
}
