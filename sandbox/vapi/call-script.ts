import { logNormal, pick, type Random } from '../kit/random';

/** How one call goes. Seconds are the stand-in's own, divided by its speed. */
export interface CallScript {
  /** From the request to the first ring. */
  readonly queueSeconds: number;
  readonly ringSeconds: number;
  /** Connected time; not used where nobody answers. */
  readonly durationSeconds: number;
  readonly endedReason: string;
  /** Instead of the assistant's own lines. */
  readonly transcript?: string;
  /** Ends before it rings, with `endedReason`. */
  readonly endsAtOnce?: boolean;
  /** Stays in this state until it is released, hung up or overruns its maximum. */
  readonly holdsWhile?: 'queued' | 'ringing' | 'in-progress';
  /** For so long the vendor's lists and reads don't know the call (real milliseconds). */
  readonly hiddenForMs?: number;
}

const NEVER_ANSWERED = new Set([
  'customer-did-not-answer',
  'customer-busy',
  'twilio-reported-customer-misdialed',
  'twilio-failed-to-connect-call',
  'vonage-rejected',
  'vonage-failed-to-connect-call',
  'call.in-progress.error-sip-outbound-call-failed-to-connect',
]);

const ENDINGS = [
  [48, 'customer-ended-call'],
  [22, 'assistant-ended-call'],
  [13, 'voicemail'],
  [12, 'customer-did-not-answer'],
  [5, 'customer-busy'],
] as const;

/** The ways calls usually go: most are answered, some reach a machine, some nobody. */
export function randomScript(random: Random): CallScript {
  const endedReason = pick(random, ENDINGS);
  return {
    queueSeconds: 0.5 + random(),
    ringSeconds: endedReason === 'customer-did-not-answer' ? 25 : 2 + random() * 8,
    durationSeconds: durationOf(endedReason, random),
    endedReason,
  };
}

function durationOf(endedReason: string, random: Random): number {
  if (endedReason === 'voicemail') return 8 + Math.round(random() * 12);
  return Math.round(Math.min(Math.max(logNormal(random, 45, 0.6), 6), 400));
}

/** Whether a call that ends for this reason had anybody on the line. */
export function isAnswered(script: CallScript): boolean {
  return (
    script.endsAtOnce !== true &&
    !NEVER_ANSWERED.has(script.endedReason) &&
    !script.endedReason.includes('outbound-sip-')
  );
}
