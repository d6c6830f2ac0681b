import { setTimeout as delay } from 'node:timers/promises';
import { readQueue, type World } from './world';

const POLL_MS = 500;
const STANDSTILL_MS = 30_000;

/**
 * Waits for what an earlier run has left in the queue or under way: the database keeps it, so the service goes on with
 * it as soon as it runs again. The demo itself begins on an empty line.
 */
export async function finishEarlierRun(world: World, say: (line: string) => void): Promise<void> {
  const { paused } = await readQueue(world);
  if (paused) {
    await world.admin.post('/v1/admin/queue/resume', undefined);
    say('The queue was paused: it goes on now.');
  }
  let open = await countOpen(world);
  if (open === 0) return;
  say(`${open} call(s) of an earlier run were still waiting or under way: they come first.`);
  let changedAt = performance.now();
  while (open > 0 && performance.now() - changedAt < STANDSTILL_MS) {
    await delay(POLL_MS, undefined, { signal: world.stopped });
    const now = await countOpen(world);
    if (now !== open) changedAt = performance.now();
    open = now;
  }
  say(open === 0 ? 'They are done.' : `${open} of them are still open, which the service goes on looking after.`);
}

async function countOpen(world: World): Promise<number> {
  const { due, inProgress } = await readQueue(world);
  return due + inProgress;
}
