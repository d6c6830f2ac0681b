import { brokenCalls } from '../fault/storm/broken-calls';
import { brokenLimits } from '../fault/storm/broken-limits';
import { type Evidence, gather } from '../fault/storm/evidence';
import { firstOf } from '../fault/storm/verdict';
import type { Load } from './load';
import type { UpgradeWorld } from './upgrade-world';

/** What the update has broken, held against the vendors' records, the database and its witnesses. */
export async function violationsIn(world: UpgradeWorld, load: Load): Promise<readonly string[]> {
  const { queued, canceledWaiting } = load;
  const gathered = await gather(world, { queued, canceledWaiting, cancellations: canceledWaiting.length });
  const evidence = { ...gathered, rows: await withHangUps(world, gathered) };
  return firstOf([
    ...brokenCalls(evidence),
    ...(await brokenLimits(world, evidence)),
    ...unended(evidence),
    ...world.log.alarms,
  ]);
}

/**
 * Whatever was open when the queue was stopped may have been hung up: that counts as canceled by an administrator. A
 * version that does not know the order to hang up writes it down as a failure.
 */
async function withHangUps({ database }: UpgradeWorld, { rows }: Evidence): Promise<Evidence['rows']> {
  const stopped = await database.query<{ number: string }>(
    `select recipient_number as number from call_queue as call
      where exists (select from call_attempts as attempt join dispatch_control on attempt.created_at <= hang_up_before
                     where attempt.call_queue_id = call.id)`,
  );
  const numbers = new Set(stopped.map(({ number }) => number));
  return rows.map((row) => {
    if (!numbers.has(row.number)) return row;
    return { ...row, isCancelRequested: true, status: row.failure === 'canceled' ? 'canceled' : row.status };
  });
}

function unended({ rows }: Evidence): readonly string[] {
  return rows
    .filter(({ status }) => ['queued', 'in-progress'].includes(status))
    .map(({ number, status }) => `${number} is still ${status}`);
}
