import fc from 'fast-check';
import { VapiCallProvider } from './vapi-call-provider';
import { callToReport } from './to-call-report';
import { ATTEMPT_ID, call, endOfCallReport, statusUpdate } from './vapi.fixtures';
import { VapiCall } from './vapi.wire';

const provider = new VapiCallProvider({ credentials: { apiKey: 'key' }, baseUrl: undefined });
const reportOf = (webhook: unknown) => provider.parseWebhook(webhook)[0];
const read = (more: Record<string, unknown>) => callToReport(VapiCall.parse(call(more)));

describe('a status update', () => {
  it.each([
    ['scheduled', 'queued'],
    ['queued', 'queued'],
    ['ringing', 'ringing'],
    ['in-progress', 'in-progress'],
    ['forwarding', 'in-progress'],
    ['something-new', 'queued'],
  ])('of %s is progress %s', (status, progress) => {
    expect(reportOf(statusUpdate(status))).toEqual({
      providerCallId: '019d2ad0-7a0e-7bb0-8d2c-000000000001',
      attemptId: ATTEMPT_ID,
      progress,
    });
  });

  it('of an unanswered end is certain that nobody was connected', () => {
    expect(reportOf(statusUpdate('ended', { endedReason: 'customer-did-not-answer' }))).toMatchObject({
      progress: 'ended',
      outcome: 'no_answer',
      endedReason: 'customer-did-not-answer',
      durationSeconds: 0,
      endedAt: new Date('2026-03-26T15:45:00.000Z'),
    });
  });

  it.each(['customer-ended-call', 'call.in-progress.error-vapifault-x', 'manually-canceled', undefined])(
    'of the end %s leaves the duration open',
    (endedReason) => expect(reportOf(statusUpdate('ended', { endedReason }))).not.toHaveProperty('durationSeconds'),
  );

  it('never believes the status and the times of the call inside', () => {
    expect(reportOf(statusUpdate('ended', { endedReason: 'customer-ended-call' }))).not.toHaveProperty('startedAt');
  });
});

describe('an end-of-call report', () => {
  it('tells everything from the newer places', () => {
    expect(reportOf(endOfCallReport())).toEqual({
      providerCallId: '019d2ad0-7a0e-7bb0-8d2c-000000000001',
      attemptId: ATTEMPT_ID,
      progress: 'ended',
      outcome: 'completed',
      endedReason: 'customer-ended-call',
      startedAt: new Date('2026-03-26T15:43:30.000Z'),
      endedAt: new Date('2026-03-26T15:44:31.250Z'),
      durationSeconds: 62,
      costMicros: 83_457,
      currency: 'USD',
      transcript: 'AI: Hello.\nUser: Hi.\n',
      summary: 'They greeted each other.',
      analysis: { summary: 'They greeted each other.', successEvaluation: 'true' },
      recordingUrl: 'https://files.example/1.wav',
    });
  });

  it('takes what is only told at the top where the newer places are empty', () => {
    const report = reportOf(
      endOfCallReport({
        ...{ artifact: {}, analysis: {}, startedAt: undefined, endedAt: undefined, cost: undefined },
        ...{ transcript: 'old', summary: 'old summary', recordingUrl: 'https://files.example/old.wav' },
        ...{
          durationSeconds: 12.2,
          costs: [
            { type: 'vapi', cost: 0.01 },
            { type: 'transport', cost: 0.002 },
          ],
        },
      }),
    );
    expect(report).toMatchObject({
      transcript: 'old',
      summary: 'old summary',
      recordingUrl: 'https://files.example/old.wav',
      durationSeconds: 13,
      costMicros: 12_000,
      endedAt: new Date('2026-03-26T15:45:02.000Z'),
    });
    expect(report).not.toHaveProperty('analysis');
  });

  it.each([
    [{ durationMs: 4_100 }, 5],
    [{ durationMinutes: 0.5 }, 30],
    [{ durationSeconds: -3 }, 0],
  ])('reads the duration from %p', (told, seconds) => {
    expect(reportOf(endOfCallReport({ startedAt: undefined, ...told }))).toMatchObject({ durationSeconds: seconds });
  });

  it.each([
    ['call.in-progress.error-vapifault-x', 0],
    ['manually-canceled', 0],
    ['customer-ended-call', undefined],
    ['brand-new-reason', undefined],
  ])('of %s without a start says %p seconds', (endedReason, seconds) => {
    expect(reportOf(endOfCallReport({ endedReason, startedAt: undefined }))?.durationSeconds).toBe(seconds);
  });

  it('counts the time of a fault that came after the connection', () => {
    const report = reportOf(endOfCallReport({ endedReason: 'pipeline-error-openai-llm-failed' }));
    expect(report).toMatchObject({ outcome: 'provider_error', durationSeconds: 62 });
  });

  it('does not let wrong types spoil the rest', () => {
    const odd = {
      startedAt: 7,
      endedAt: 'never',
      cost: 'free',
      artifact: 'none',
      analysis: [1],
      costs: {},
      timestamp: 'x',
    };
    expect(reportOf(endOfCallReport({ ...odd, transcript: 5 }))).toEqual({
      providerCallId: '019d2ad0-7a0e-7bb0-8d2c-000000000001',
      attemptId: ATTEMPT_ID,
      progress: 'ended',
      outcome: 'completed',
      endedReason: 'customer-ended-call',
    });
  });

  it('leaves out what no database can keep', () => {
    const report = reportOf(
      endOfCallReport({
        artifact: { transcript: 'a\u0000b\uD800c' },
        analysis: { 'k\u0000': ['\uDC00\u0000'] },
        endedAt: '+123456-01-01T00:00:00.000Z',
        timestamp: 9e15,
        cost: 1e300,
      }),
    );
    expect(report).toMatchObject({ transcript: 'ab\uFFFDc', analysis: { k: ['\uFFFD'] } });
    expect(report).not.toHaveProperty('endedAt');
    expect(report).not.toHaveProperty('costMicros');
  });
});

describe("the attempt's id", () => {
  const id = { id: 'call-1', status: 'queued' };

  it.each([
    { name: ATTEMPT_ID },
    { customer: { externalId: ATTEMPT_ID } },
    { metadata: { attemptId: ATTEMPT_ID } },
    { assistantOverrides: { metadata: { attemptId: ATTEMPT_ID.toUpperCase() } } },
    { name: 'my call', metadata: { attemptId: ATTEMPT_ID } },
  ])('is found in %p', (places) => {
    expect(callToReport(VapiCall.parse({ ...id, ...places })).attemptId).toBe(ATTEMPT_ID);
  });

  it("is not taken from other people's texts", () => {
    expect(callToReport(VapiCall.parse({ ...id, name: 'my call' }))).toEqual({
      providerCallId: 'call-1',
      progress: 'queued',
    });
  });

  it('is found beside the call of a webhook as well', () => {
    const bare = { id: 'call-1' };
    expect(reportOf(statusUpdate('ringing', { call: bare, customer: { externalId: ATTEMPT_ID } }))).toMatchObject({
      attemptId: ATTEMPT_ID,
    });
    expect(
      reportOf(statusUpdate('ringing', { call: bare, assistant: { metadata: { attemptId: ATTEMPT_ID } } })),
    ).toMatchObject({
      attemptId: ATTEMPT_ID,
    });
  });
});

describe('a call that is read', () => {
  it('tells when it was connected', () => {
    expect(read({ startedAt: '2026-03-26T15:43:30.000Z' })).toMatchObject({
      progress: 'in-progress',
      startedAt: new Date('2026-03-26T15:43:30.000Z'),
    });
  });

  it('tells its end', () => {
    const more = { status: 'ended', startedAt: '2026-03-26T15:43:30.000Z', endedAt: '2026-03-26T15:43:40.000Z' };
    expect(read({ ...more, endedReason: 'voicemail' })).toMatchObject({ outcome: 'voicemail', durationSeconds: 10 });
  });

  it('with an unknown status has ended if there is a sign of it', () => {
    expect(read({ status: 'deletion-failed', endedReason: 'customer-busy' })).toMatchObject({ progress: 'ended' });
    expect(read({ status: 'deletion-failed' })).toMatchObject({ progress: 'queued' });
  });
});

describe('parseWebhook', () => {
  it('never throws, whatever comes', () => {
    const anything = fc.anything({ withNullPrototype: true, withDate: true, withBigInt: true });
    fc.assert(fc.property(anything, (body) => Array.isArray(provider.parseWebhook(body))));
  });

  it('never throws for a real message with any field replaced by anything', () => {
    const fields = Object.keys(endOfCallReport().message);
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), fc.boolean(), (field, value, isReport) => {
        const message = isReport ? endOfCallReport({ [field]: value }) : statusUpdate('ended', { [field]: value });
        for (const report of provider.parseWebhook(message)) {
          expect(report.durationSeconds ?? 0).toBeGreaterThanOrEqual(0);
          expect(Number.isNaN(report.endedAt?.getTime())).toBe(false);
        }
      }),
    );
  });
});
