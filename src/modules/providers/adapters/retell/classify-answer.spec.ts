import type { HttpExchange } from '../../../../shared/http-client/exchange';
import type { Refusal } from '../../public/call-provider.port';
import { classifyAnswer } from './classify-answer';

const answered = (status: number, body: unknown, headers = {}): HttpExchange => ({
  kind: 'answered',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const refusalOf = (status: number, message: string, headers = {}) =>
  classifyAnswer(answered(status, { status: 'error', message }, headers), []);

describe('classifyAnswer', () => {
  it('accepts a registered call', () => {
    expect(classifyAnswer(answered(201, { call_id: 'call_1', call_status: 'registered' }), [])).toEqual({
      kind: 'accepted',
      providerCallId: 'call_1',
    });
  });

  it.each(['', '<html>', '[]', 'null', '{}', '{"call_id":7}', '{"call_id":""}', '{"id":"call_1"}'])(
    'does not know what a 201 with the body %p has done',
    (body) => expect(classifyAnswer(answered(201, body), [])).toEqual({ kind: 'unknown', cause: 'bad_answer' }),
  );

  it.each([
    [500, 'server_error'],
    [502, 'server_error'],
    [524, 'server_error'],
    [408, 'timeout'],
    [499, 'timeout'],
  ])('does not know what a %d has done', (status, cause) => {
    expect(refusalOf(status, 'Concurrency limit reached')).toEqual({ kind: 'unknown', cause });
  });

  const cases: readonly (readonly [number, string, Refusal])[] = [
    [429, 'Concurrency limit reached.', 'concurrency'],
    [400, 'Exceeded the number of concurrent calls', 'concurrency'],
    [429, 'Account rate limited, please throttle your requests.', 'rate_limit'],
    [429, 'Too many calls from this phone number', 'rate_limit'],
    [401, 'API key is missing or invalid.', 'account'],
    [401, 'No concurrency for this from_number', 'account'],
    [402, 'Trial has ended, please add payment method.', 'account'],
    [403, 'Agent may not be used', 'account'],
    [400, 'No valid payment method', 'account'],
    [404, 'Item +12025550111 not found from phone-number', 'line'],
    [422, 'from_number is not registered', 'line'],
    [400, 'request/body/from_number must be a valid phone number in E.164 format', 'line'],
    [400, 'No outbound agent id set up for phone number.', 'line'],
    [400, 'request/body/to_number must be a valid phone number in E.164 format', 'destination'],
    [400, 'Calls from this phone number to that country are not supported', 'destination'],
    [400, 'from_number may not call this international destination', 'destination'],
    [400, 'The number must be in E.164 format', 'destination'],
    [422, 'Cannot find requested asset under given api key.', 'agent'],
    [404, 'Item agent_1 not found from agent', 'agent'],
    [400, 'request/body/override_agent_id must be string', 'agent'],
    [400, 'request/body/agent_override/agent/webhook_url must be a valid URL', 'request'],
    [400, "request/body must NOT have additional property 'surprise'", 'request'],
    [404, 'Not Found', 'request'],
    [413, 'too large', 'request'],
    [404, 'Cannot POST /create-phone-call', 'account'],
    [405, 'Method Not Allowed', 'account'],
  ];
  it.each(cases)('takes %d %p for %s', (status, message, refusal) => {
    expect(refusalOf(status, message)).toMatchObject({ kind: 'refused', refusal });
  });

  it.each(['<html>Not here</html>', '', '{"error":"Not found"}'])(
    'takes a 404 with the body %p for a wrong address',
    (body) => expect(classifyAnswer(answered(404, body), [])).toMatchObject({ refusal: 'account' }),
  );

  it.each([301, 302, 304, 307, 308])('takes the redirect %d for a wrong address: nothing was placed', (status) => {
    expect(classifyAnswer(answered(status, ''), [])).toMatchObject({ kind: 'refused', refusal: 'account' });
  });

  it.each([
    [{}, 60_000],
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '0' }, 60_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:00 GMT' }, 60_000],
    [{ 'retry-after': '1000000' }, 3_600_000],
  ])('waits out the limit of refusals in a minute, unless Retell names a time: %p', (headers, pauseMs) => {
    expect(refusalOf(429, 'Account rate limited', headers)).toMatchObject({ retryAfterMs: pauseMs });
  });

  it('names no time for other refusals', () => {
    expect(refusalOf(429, 'Concurrency limit reached.', { 'retry-after': '5' })).not.toHaveProperty('retryAfterMs');
  });

  it('gives a detail on one short line without secrets', () => {
    const message = `first\nkey_secret hook_secret\u0000 ${'y'.repeat(1_000)}`;
    const result = classifyAnswer(answered(400, { message }), ['key_secret', 'hook_secret', '']);
    if (result.kind !== 'refused') throw new Error('refused');
    expect(result.detail).toMatch(/^Retell answered 400: first \*\*\* \*\*\* y+…$/);
    expect(result.detail).toHaveLength(300);
  });

  it('reads the older name of the text as well', () => {
    expect(classifyAnswer(answered(400, { error_message: 'to_number is wrong' }), [])).toMatchObject({
      refusal: 'destination',
    });
  });

  it.each(['', 'plain text', '{"error":"Nope"}', '{"message":{"odd":1}}'])(
    'refuses for a body like %p as well',
    (body) => {
      expect(classifyAnswer(answered(400, body), [])).toMatchObject({ kind: 'refused', refusal: 'request' });
    },
  );

  it('tells what was never sent from what got no answer', () => {
    expect(classifyAnswer({ kind: 'not-sent', detail: 'ENOTFOUND' }, [])).toEqual({
      kind: 'refused',
      refusal: 'unreachable',
      detail: 'Retell could not be reached (ENOTFOUND).',
    });
    expect(classifyAnswer({ kind: 'no-answer', cause: 'network' }, [])).toEqual({ kind: 'unknown', cause: 'network' });
    expect(classifyAnswer({ kind: 'no-answer', cause: 'too-large' }, [])).toMatchObject({ cause: 'bad_answer' });
  });
});
