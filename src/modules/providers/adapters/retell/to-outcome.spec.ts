import { readFileSync } from 'node:fs';
import type { Outcome } from '../../public/outcome';
import { type DisconnectionReason, isNeverConnected, toOutcome } from './to-outcome';

const GROUPS: Readonly<Partial<Record<Outcome, readonly DisconnectionReason[]>>> = {
  completed: [
    'user_hangup',
    'agent_hangup',
    'call_transfer',
    'call_take_over',
    'max_duration_reached',
    'transfer_bridged',
    'transfer_cancelled',
    'no_concurrency_fallback',
  ],
  voicemail: ['voicemail_reached', 'ivr_reached'],
  no_conversation: ['inactivity', 'error_no_audio_received'],
  no_answer: ['dial_no_answer'],
  busy: ['dial_busy'],
  declined: ['user_declined'],
  invalid_number: ['invalid_destination'],
  blocked: ['marked_as_spam'],
  carrier_error: ['dial_failed', 'telephony_provider_unavailable', 'sip_routing_error'],
  capacity: ['concurrency_limit_reached'],
  account: ['no_valid_payment', 'scam_detected'],
  line: ['telephony_provider_permission_denied'],
  config: [
    'error_llm_websocket_open',
    'error_llm_websocket_lost_connection',
    'error_llm_websocket_runtime',
    'error_llm_websocket_corrupt_payload',
  ],
  provider_error: ['error_asr', 'error_retell', 'error_unknown', 'error_user_not_joined', 'registered_call_timeout'],
  canceled: ['manual_stopped'],
};
const CASES = Object.entries(GROUPS).flatMap(([outcome, reasons]) =>
  reasons.map((reason) => [reason, outcome as Outcome] as const),
);

const NOTHING_KNOWN = { wasConnected: false, wasMachine: false };
const outcomeOf = (reason: string | undefined, status?: string) => toOutcome({ reason, status }, NOTHING_KNOWN);

/** The reasons in the installed SDK, which has them as types only. */
function reasonsOfTheSdk(): readonly string[] {
  const types = readFileSync(require.resolve('retell-sdk/resources/call.js').replace(/\.js$/, '.d.ts'), 'utf8');
  const unions = [...types.matchAll(/disconnection_reason\?: ('[^;]+');/g)];
  return [...new Set(unions.flatMap(([, union = '']) => union.split(' | ').map((text) => text.slice(1, -1))))];
}

describe('toOutcome', () => {
  it.each(CASES)('%s is %s', (reason, outcome) => expect(outcomeOf(reason)).toBe(outcome));

  it('maps every reason that the official SDK knows', () => {
    const reasons = reasonsOfTheSdk();
    expect(reasons.length).toBeGreaterThan(30);
    expect([...reasons].sort()).toEqual(CASES.map(([reason]) => reason).sort());
    expect(reasons.filter((reason) => outcomeOf(reason) === 'unknown')).toEqual([]);
  });

  it.each([
    ['dial_of_next_month', undefined, 'carrier_error'],
    ['sip_of_next_month', undefined, 'carrier_error'],
    ['telephony_of_next_month', undefined, 'carrier_error'],
    ['error_llm_of_next_month', undefined, 'config'],
    ['error_of_next_month', undefined, 'provider_error'],
    ['transfer_of_next_month', undefined, 'completed'],
    ['news', 'not_connected', 'carrier_error'],
    [undefined, 'not_connected', 'carrier_error'],
    ['news', 'error', 'provider_error'],
    ['news', 'ended', 'unknown'],
    ['', undefined, 'unknown'],
    [undefined, undefined, 'unknown'],
    ['toString', 'constructor', 'unknown'],
    ['__proto__', '__proto__', 'unknown'],
  ])('%p with the status %p is %s', (reason, status, outcome) => expect(outcomeOf(reason, status)).toBe(outcome));

  it.each(CASES)('%s in a call with somebody on the line never asks for another call', (reason) => {
    const outcome = toOutcome({ reason, status: undefined }, { wasConnected: true, wasMachine: false });
    expect(['account', 'config']).not.toContain(outcome);
    const isElsewhereConnected = !isNeverConnected({ reason, status: undefined });
    if (isElsewhereConnected) expect(['capacity', 'line']).not.toContain(outcome);
  });

  it.each([
    ['user_hangup', 'voicemail'],
    ['agent_hangup', 'voicemail'],
    ['inactivity', 'voicemail'],
    ['max_duration_reached', 'voicemail'],
    ['manual_stopped', 'canceled'],
    ['dial_busy', 'busy'],
    ['error_retell', 'provider_error'],
  ])('%s with a machine on the line is %s', (reason, outcome) => {
    expect(toOutcome({ reason, status: 'ended' }, { wasConnected: true, wasMachine: true })).toBe(outcome);
  });
});

describe('isNeverConnected', () => {
  it.each([
    'dial_no_answer',
    'dial_busy',
    'dial_failed',
    'user_declined',
    'invalid_destination',
    'marked_as_spam',
    'sip_routing_error',
    'telephony_provider_unavailable',
    'telephony_provider_permission_denied',
    'concurrency_limit_reached',
  ])('%s: nobody was on the line', (reason) => expect(isNeverConnected({ reason, status: undefined })).toBe(true));

  it.each([
    'user_hangup',
    'voicemail_reached',
    'inactivity',
    'manual_stopped',
    'scam_detected',
    'no_valid_payment',
    'error_llm_websocket_open',
    'error_retell',
    undefined,
  ])('%s alone proves nothing', (reason) => expect(isNeverConnected({ reason, status: 'ended' })).toBe(false));

  it('is what the status says whatever the reason', () => {
    expect(isNeverConnected({ reason: 'user_hangup', status: 'not_connected' })).toBe(true);
  });
});
