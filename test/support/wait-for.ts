import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Asks again and again until `condition` gives something truthy, and returns it. What it throws counts as "not yet".
 * @throws an Error that names `description` once `timeoutMs` are over
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  description: string,
  timeoutMs = 10_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await condition();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`Waited ${String(timeoutMs)} ms in vain: ${description}`, { cause: last });
    await delay(POLL_MS);
  }
}
