import fc from 'fast-check';
import { RetellCallProvider } from './retell-call-provider';
import { ANALYSIS, ATTEMPT_ID, call, ENDED, registered, STARTED, unanswered, webhook } from './retell.fixtures';
import { RetellCall } from './retell.wire';
import { callToReport } from './to-call-report';

const provider = new RetellCallProvider({ credentials: { apiKey: 'key' }, baseUrl: undefined });
const reportOf = (body: unknown) => provider.parseWebhook(body)[0];
const read = (told: Record<string, unknown>) => callToReport(RetellCall.parse(told));

const NAMES = { providerCallId: 'call_1234567890abcdef', attemptId: ATTEMPT_ID };

describe('a webhook', () => {
  it('tells that somebody answered', () => {
    const ongoing = { ...registered, call_status: 'ongoing', start_timestamp: STARTED };
    expect(reportOf(webhook('call_started', ongoing))).toEqual({
      ...NAMES,
      progress: 'in-progress',
      startedAt: new Date(STARTED),
    });
  });

  it('tells everything but the analysis when the call ends', () => {
    expect(reportOf(webhook('call_ended', call()))).toEqual({
      ...NAMES,
      progress: 'ended',
      outcome: 'completed',
      endedReason: 'user_hangup',
      startedAt: new Date(STARTED),
      endedAt: new Date(ENDED),
      durationSeconds: 62,
      costMicros: 123_456,
      currency: 'USD',
      transcript: 'Agent: Hello.\nUser: Hi.\n',
      recordingUrl: 'https://files.example/1.wav',
    });
  });

  it('adds the analysis later', () => {
    expect(reportOf(webhook('call_analyzed', call({ call_analysis: ANALYSIS })))).toMatchObject({
      progress: 'ended',
      outcome: 'completed',
      summary: 'They greeted each other.',
      analysis: ANALYSIS,
    });
  });

  it('takes the analysis at its word that a machine answered', () => {
    const analysis = { ...ANALYSIS, in_voicemail: true };
    const told = call({ disconnection_reason: 'agent_hangup', call_analysis: analysis });
    expect(reportOf(webhook('call_analyzed', told))).toMatchObject({ outcome: 'voicemail', durationSeconds: 62 });
  });

  it('tells of an unanswered call that nobody was connected, and when it ended', () => {
    expect(reportOf(webhook('call_ended', unanswered()))).toEqual({
      ...NAMES,
      progress: 'ended',
      outcome: 'no_answer',
      endedReason: 'dial_no_answer',
      endedAt: new Date('2026-03-26T15:44:32.000Z'),
      durationSeconds: 0,
      costMicros: 0,
      currency: 'USD',
    });
    expect(reportOf(webhook('call_analyzed', unanswered()))).not.toHaveProperty('endedAt');
  });

  it('counts its event, whatever the status inside', () => {
    expect(reportOf(webhook('call_ended', { ...registered, call_status: 'ongoing' }))).toMatchObject({
      progress: 'ended',
    });
    expect(reportOf(webhook('call_started', call()))).toMatchObject({ progress: 'in-progress' });
  });

  it.each(['transcript_updated', 'transfer_started', 'toString', '__proto__', ''])('of %p tells nothing', (event) => {
    expect(provider.parseWebhook(webhook(event, call()))).toEqual([]);
  });

  it('does not let wrong types spoil the rest', () => {
    const odd = { start_timestamp: 'x', end_timestamp: null, duration_ms: '7', transcript: 5, call_cost: 'free' };
    const more = { recording_url: 1, call_analysis: [1], metadata: 'none', disconnection_reason: 'user_hangup' };
    expect(reportOf({ ...webhook('call_ended', call({ ...odd, ...more })), event_timestamp: {} })).toEqual({
      providerCallId: NAMES.providerCallId,
      progress: 'ended',
      outcome: 'completed',
      endedReason: 'user_hangup',
    });
  });

  it('leaves out what no database can keep', () => {
    const analysis = { 'k\u0000': ['\uDC00\u0000'] };
    const odd = { transcript: 'a\u0000b\uD800c', end_timestamp: 9e15, call_cost: { combined_cost: 1e300 } };
    const report = reportOf({
      ...webhook('call_analyzed', call({ ...odd, call_analysis: analysis, disconnection_reason: 'x'.repeat(500) })),
    });
    expect(report).toMatchObject({ transcript: 'ab\uFFFDc', analysis: { k: ['\uFFFD'] } });
    expect(report?.endedReason).toHaveLength(200);
    expect(report).not.toHaveProperty('endedAt');
    expect(report).not.toHaveProperty('costMicros');
  });
});

describe('the connected time', () => {
  it.each([
    [{ duration_ms: undefined }, 62],
    [{ duration_ms: 4_100 }, 5],
    [{ duration_ms: -3 }, 0],
    [{ duration_ms: undefined, end_timestamp: undefined }, undefined],
    [{ duration_ms: undefined, start_timestamp: undefined }, undefined],
  ])('of a conversation told as %p is %p seconds', (told, seconds) => {
    expect(read(call(told)).durationSeconds).toBe(seconds);
  });

  it.each([
    ['dial_no_answer', 'no_answer'],
    ['concurrency_limit_reached', 'capacity'],
    ['telephony_provider_permission_denied', 'line'],
  ])('after %s is none, even if times are told', (reason, outcome) => {
    const report = read(call({ call_status: 'error', disconnection_reason: reason }));
    expect(report).toMatchObject({ outcome, durationSeconds: 0 });
    expect(report).not.toHaveProperty('startedAt');
  });

  it('is none where the status says so, whatever the reason', () => {
    expect(read(call({ call_status: 'not_connected', disconnection_reason: 'news' }))).toMatchObject({
      outcome: 'carrier_error',
      durationSeconds: 0,
    });
  });

  it.each([
    ['manual_stopped', 'canceled'],
    ['error_retell', 'provider_error'],
    ['no_valid_payment', 'account'],
    ['error_llm_websocket_open', 'config'],
  ])('of a call broken off by %s is none without a start', (reason, outcome) => {
    const broken = { ...registered, call_status: 'error', disconnection_reason: reason };
    expect(read(broken)).toMatchObject({ outcome, durationSeconds: 0 });
    expect(read({ ...broken, start_timestamp: STARTED })).not.toHaveProperty('durationSeconds');
  });

  it.each(['no_valid_payment', 'scam_detected', 'error_llm_websocket_lost_connection', 'error_asr'])(
    'counts when %s comes in the middle of a conversation',
    (reason) => {
      const report = read(call({ call_status: 'error', disconnection_reason: reason }));
      expect(report).toMatchObject({ outcome: 'provider_error', durationSeconds: 62, startedAt: new Date(STARTED) });
    },
  );
});

describe('a call that is read', () => {
  it.each([
    ['registered', 'queued'],
    ['ongoing', 'in-progress'],
    ['ended', 'ended'],
    ['error', 'ended'],
    ['not_connected', 'ended'],
    ['something-new', 'queued'],
    ['toString', 'queued'],
  ])('with the status %s is %s', (status, progress) => {
    expect(read({ ...registered, call_status: status })).toMatchObject({ ...NAMES, progress });
  });

  it('tells when it was answered', () => {
    expect(read({ ...registered, call_status: 'ongoing', start_timestamp: STARTED }).startedAt).toEqual(
      new Date(STARTED),
    );
    expect(read({ ...registered, start_timestamp: STARTED })).not.toHaveProperty('startedAt');
  });

  it('with an unknown status has ended if there is a sign of it', () => {
    expect(read({ ...registered, call_status: 'new', disconnection_reason: 'user_hangup' }).progress).toBe('ended');
    expect(read({ ...registered, call_status: 'new', end_timestamp: ENDED }).progress).toBe('ended');
  });

  it('may name its cost by the products alone, and its recording without personal data', () => {
    const told = call({
      call_cost: { product_costs: [{ cost: 1.5 }, { cost: 0.25 }] },
      recording_url: undefined,
      scrubbed_recording_url: 'https://files.example/scrubbed.wav',
    });
    expect(read(told)).toMatchObject({ costMicros: 17_500, recordingUrl: 'https://files.example/scrubbed.wav' });
  });

  it.each([[{}], [{ attemptId: 'mine' }], [{ attemptId: 7 }], [null], ['text']])(
    'takes no attempt from the metadata %p',
    (metadata) => expect(read({ ...registered, metadata })).not.toHaveProperty('attemptId'),
  );

  it("writes the attempt's id in lower case", () => {
    expect(read({ ...registered, metadata: { attemptId: ATTEMPT_ID.toUpperCase() } }).attemptId).toBe(ATTEMPT_ID);
  });
});

describe('parseWebhook', () => {
  it('never throws, whatever comes', () => {
    const anything = fc.anything({ withNullPrototype: true, withDate: true, withBigInt: true });
    fc.assert(fc.property(anything, (body) => Array.isArray(provider.parseWebhook(body))));
  });

  it('never throws for a real event with any field replaced by anything', () => {
    const whole = call({ call_analysis: ANALYSIS });
    const fields = Object.keys(whole);
    const events = fc.constantFrom('call_started', 'call_ended', 'call_analyzed');
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), events, (field, value, event) => {
        for (const report of provider.parseWebhook(webhook(event, { ...whole, [field]: value }))) {
          expect(report.durationSeconds ?? 0).toBeGreaterThanOrEqual(0);
          expect(Number.isInteger(report.costMicros ?? 0)).toBe(true);
          expect(Number.isNaN(report.endedAt?.getTime())).toBe(false);
        }
      }),
    );
  });
});
