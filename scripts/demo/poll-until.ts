import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;

interface Patience {
  readonly timeoutMs: number;
  readonly stopped: AbortSignal;
}

/** Asks until there is an answer. @returns undefined when there was none in time */
export async function pollUntil<Answer>(
  ask: () => Promise<Answer | undefined>,
  { timeoutMs, stopped }: Patience,
): Promise<Answer | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await delay(POLL_MS, undefined, { signal: stopped });
  }
}
