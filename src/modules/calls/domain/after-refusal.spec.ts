import { REFUSALS } from '../../providers/public/call-provider.port';
import { afterRefusal } from './after-refusal';

const after = (isCancelRequested: boolean) =>
  Object.fromEntries(REFUSALS.map((refusal) => [refusal, afterRefusal(refusal, isCancelRequested).status]));

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

  it('cancels any refused call whose user wants it stopped', () => {
    expect(new Set(Object.values(after(true)))).toEqual(new Set(['canceled']));
  });
});
