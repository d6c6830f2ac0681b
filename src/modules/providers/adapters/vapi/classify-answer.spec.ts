import type { HttpExchange } from '../../../../shared/http-client/exchange';
import type { Refusal } from '../../public/call-provider.port';
import { classifyAnswer } from './classify-answer';

const NOW = new Date('2026-11-22T10:15:42.500Z');

const answered = (status: number, body: unknown): HttpExchange => ({
  kind: 'answered',
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const refusalOf = (status: number, message: unknown) =>
  classifyAnswer(answered(status, { message, statusCode: status }), [], NOW);

describe('classifyAnswer', () => {
  it('accepts a created call, even one that waits for a free line', () => {
    const body = { id: 'call-1', status: 'queued', subscriptionLimits: { concurrencyBlocked: true } };
    expect(classifyAnswer(answered(201, body), [], NOW)).toEqual({ kind: 'accepted', providerCallId: 'call-1' });
  });

  it.each(['', '<html>', '[]', 'null', '{}', '{"id":7}', '{"id":""}', '{"results":[{"id":"x"}]}'])(
    'does not know what a 201 with the body %p has done',
    (body) => expect(classifyAnswer(answered(201, body), [], NOW)).toEqual({ kind: 'unknown', cause: 'bad_answer' }),
  );

  it.each([
    [500, 'server_error'],
    [502, 'server_error'],
    [524, 'server_error'],
    [408, 'timeout'],
    [499, 'timeout'],
  ])('does not know what a %d has done', (status, cause) => {
    expect(refusalOf(status, 'Over Concurrency Limit.')).toEqual({ kind: 'unknown', cause });
  });

  const cases: readonly (readonly [number, unknown, Refusal])[] = [
    [400, 'Over Concurrency Limit.', 'concurrency'],
    [429, 'Concurrency limit reached', 'concurrency'],
    [429, 'Rate limit exceeded', 'rate_limit'],
    [401, 'Unauthorized', 'account'],
    [401, 'Invalid key for `phoneNumber`', 'account'],
    [401, 'Invalid Key. Hot tip, check your assistant', 'account'],
    [402, 'assistant cannot be paid', 'account'],
    [403, 'Forbidden', 'account'],
    [400, 'Wallet balance is too low', 'account'],
    [400, 'Your subscription is frozen', 'account'],
    [400, '`phoneNumber` `7d4a2f10-0000-4000-8000-000000000001` does not exist.', 'line'],
    [400, "Couldn't Start Call. Numbers Bought On Vapi Have A Daily Outbound Call Limit. Import Your Own.", 'line'],
    [400, "Free Vapi numbers can't make international calls", 'line'],
    [400, ['phoneNumberId must be a UUID'], 'line'],
    [400, ['customer.number must be a valid phone number in the E.164 format. Hot tip, …'], 'destination'],
    [400, 'Assistant with ID `x` does not exist.', 'agent'],
    [404, 'assistant not found', 'agent'],
    [400, ['assistantId must be a UUID'], 'agent'],
    [400, ['property metadata should not exist'], 'request'],
    [400, ['customer.property surprise should not exist'], 'request'],
    [400, ['assistantOverrides.maxDurationSeconds must not be less than 10'], 'request'],
    [413, 'too large', 'request'],
    [404, 'Cannot POST /v9/call', 'account'],
    [405, 'Method Not Allowed', 'account'],
  ];
  it.each(cases)('takes %d %p for %s', (status, message, refusal) => {
    expect(refusalOf(status, message)).toMatchObject({ kind: 'refused', refusal });
  });

  it.each([301, 302, 304, 307, 308])('takes the redirect %d for a wrong address: nothing was placed', (status) => {
    expect(classifyAnswer(answered(status, ''), [], NOW)).toMatchObject({ kind: 'refused', refusal: 'account' });
  });

  it('waits for the next minute of the clock when Vapi counts too many requests', () => {
    expect(refusalOf(429, 'Rate limit exceeded')).toMatchObject({ retryAfterMs: 17_500 });
  });

  it('gives a detail on one short line without secrets', () => {
    const secrets = ['sk-secret', 'hook-secret', ''];
    const message = ['first\nsk-secret', `hook-secret\u0000 ${'y'.repeat(1_000)}`];
    const result = classifyAnswer(answered(400, { message }), secrets, NOW);
    if (result.kind !== 'refused') throw new Error('refused');
    expect(result.detail).toMatch(/^Vapi answered 400: first \*\*\*; \*\*\* y+…$/);
    expect(result.detail).toHaveLength(300);
  });

  it.each(['', 'plain text', '{"error":"Nope"}', '{"message":{"odd":1}}'])(
    'refuses for a body like %p as well',
    (body) => {
      expect(classifyAnswer(answered(400, body), [], NOW)).toMatchObject({ kind: 'refused', refusal: 'request' });
    },
  );

  it('tells what was never sent from what got no answer', () => {
    expect(classifyAnswer({ kind: 'not-sent', detail: 'ENOTFOUND' }, [], NOW)).toEqual({
      kind: 'refused',
      refusal: 'unreachable',
      detail: 'Vapi could not be reached (ENOTFOUND).',
    });
    expect(classifyAnswer({ kind: 'no-answer', cause: 'network' }, [], NOW)).toEqual({
      kind: 'unknown',
      cause: 'network',
    });
    expect(classifyAnswer({ kind: 'no-answer', cause: 'too-large' }, [], NOW)).toMatchObject({ cause: 'bad_answer' });
  });
});
