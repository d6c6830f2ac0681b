import autocannon, { type Request } from 'autocannon';
import { percentile } from './statistics';

/** One request of a load; each is asked for when a connection is free for it. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LoadOptions {
  /** Where the service listens. */
  readonly url: string;
  readonly connections: number;
  /** How many. A load that ended at a moment would leave requests behind that nobody waits for. */
  readonly requests: number;
  readonly next: () => LoadRequest;
}

export interface LoadResult {
  /** Answers per second, from the first request to the last answer. */
  readonly perSecond: number;
  /** Milliseconds that 95 of 100 requests did not exceed. */
  readonly p95: number;
}

/**
 * Sends POSTs over kept connections, each with one request at a time, as fast as they are answered.
 * @throws an Error when any is answered with anything but 2xx, or not at all: then nothing was measured
 */
export async function putLoadOn({ url, connections, requests, next }: LoadOptions): Promise<LoadResult> {
  const times: number[] = [];
  const setupRequest = (request: Request): Request => {
    const { path, headers, body } = next();
    return { ...request, path, headers: { 'content-type': 'application/json', ...headers }, body };
  };
  let lastAnswerAt = 0;
  const begunAt = performance.now();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url,
        connections,
        amount: requests,
        timeout: 60,
        requests: [{ method: 'POST', setupRequest }],
      },
      (error: Error | null, answer) => (error ? reject(error) : resolve(answer)),
    );
    run.on('response', (_client, _status, _bytes, took) => {
      times.push(took);
      lastAnswerAt = performance.now();
    });
  });
  if (result.non2xx + result.errors + result.timeouts > 0)
    throw new Error(`${result.non2xx} refused, ${result.errors} failed, ${result.timeouts} unanswered at ${url}`);
  return { perSecond: (times.length / (lastAnswerAt - begunAt)) * 1_000, p95: percentile(times, 0.95) };
}
