import { setTimeout as delay } from 'node:timers/promises';
import type { Call, CallRecord, Usage } from './api-types';
import type { Display } from './display';
import type { Customer, Order } from './order-calls';
import { pollUntil } from './poll-until';
import { ProgressTracker } from './progress';
import { readQueue, type World } from './world';

const POLL_MS = 250;
/** Without any change for so long, the run is over, and the verdict tells what is missing. */
const STANDSTILL_MS = 90_000;
const SETTLED_TIMEOUT_MS = 30_000;

/** Shows the calls until the last one has ended. */
export async function followCalls(world: World, customer: Customer, order: Order, display: Display): Promise<void> {
  const { limit } = await readQueue(world);
  const tracker = new ProgressTracker(order.accepted, limit);
  let changedAt = performance.now();
  for (;;) {
    const calls = await customer.client.all<Call>('/v1/calls');
    const progress = tracker.look(calls, performance.now());
    display.show(progress);
    if (progress.news.length > 0) changedAt = performance.now();
    if (progress.done === progress.total || performance.now() - changedAt > STANDSTILL_MS) break;
    await delay(POLL_MS, undefined, { signal: world.stopped });
  }
  display.finish();
  await untilSettled(world, customer, order);
}

/** The vendor's full report, with transcript and duration, follows a moment after the end of a call. */
async function untilSettled(world: World, { client }: Customer, { accepted }: Order): Promise<void> {
  const ids = new Set(accepted.map(({ id }) => id));
  await pollUntil(
    async () => {
      const { callsReserved } = await client.get<Usage>('/v1/usage');
      const records = await client.all<CallRecord>('/v1/call-history');
      const isReported = records.every(({ callQueueId, outcome }) => !ids.has(callQueueId) || outcome !== null);
      return callsReserved === 0 && isReported ? true : undefined;
    },
    { timeoutMs: SETTLED_TIMEOUT_MS, stopped: world.stopped },
  );
}
