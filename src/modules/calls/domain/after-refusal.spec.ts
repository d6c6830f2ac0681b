import { REFUSALS } from '../../providers/public/call-provider.port';
import { afterRefusal } from './after-refusal';

const call = { isCancelRequested: false, lineRefusals: 0, accountRefusals: 0 };
const after = (isCancelRequested: boolean) =>
  Object.fromEntries(
    REFUSALS.map((refusal) => [refusal, afterRefusal(refusal, { ...call, isCancelRequested }).status]),
  );

describe('afterRefusal', () => {
  it('puts a call back unless the refusal concerns the call itself', () => {
    expect(after(false)).toEqual({
      concurrency: 'queued',
      rate_limit: 'queued',
      unreachable: 'queued',
      account: 'queued',
      line: 'queued',
      agent: 'failed',
      destination: 'failed',
      request: 'failed',
    });
  });

  it.each([
    ['line', { lineRefusals: 1 }, { lineRefusals: 2 }],
    ['account', { accountRefusals: 3 }, { accountRefusals: 4 }],
  ] as const)('fails a call that was refused too often because of the %s', (refusal, before, last) => {
    expect(afterRefusal(refusal, { ...call, ...before }).status).toBe('queued');
    expect(afterRefusal(refusal, { ...call, ...last })).toMatchObject({
      status: 'failed',
      failure: { code: 'refused' },
    });
    expect(afterRefusal('concurrency', { ...call, ...last }).status).toBe('queued');
  });

  it('cancels any refused call whose user wants it stopped', () => {
    expect(new Set(Object.values(after(true)))).toEqual(new Set(['canceled']));
  });
});
