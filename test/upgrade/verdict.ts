import { brokenCalls } from '../fault/storm/broken-calls';
import { brokenLimits } from '../fault/storm/broken-limits';
import { type Evidence, gather } from '../fault/storm/evidence';
import { firstOf } from '../fault/storm/verdict';
import type { Load } from './load';
import { idleVersions, lostCalls } from './lost-calls';
import type { Version } from './member';
import type { UpgradeWorld } from './upgrade-world';

/** What the update has broken, held against the vendors' records, the database and its witnesses. */
export async function violationsIn(world: UpgradeWorld, load: Load): Promise<readonly string[]> {
  const { queued, canceledWaiting } = load;
  const gathered = await gather(world, { queued, canceledWaiting, cancellations: canceledWaiting.length });
  const evidence = { ...gathered, rows: withHangUps(world, gathered) };
  const { hungUp } = world.excuses;
  const orphaned = await callsOfKilled(world);
  const versions = await versionsOfAttempts(world);
  return firstOf([
    ...brokenCalls(evidence),
    ...lostCalls(evidence, { canceled: load.mayBeCanceled, hungUp, orphaned }),
    ...idleVersions(evidence.calls, world.members, (attemptId) => versions.get(attemptId)),
    ...(await brokenLimits(world, evidence)),
    ...unended(evidence),
    ...world.log.alarms,
  ]);
}

/**
 * What was open while the queue was stopped may have been hung up: that counts as canceled by an administrator. A
 * version that does not know the order to hang up writes it down as a failure.
 */
function withHangUps({ excuses }: UpgradeWorld, { rows }: Evidence): Evidence['rows'] {
  return rows.map((row) => {
    if (!excuses.hungUp.has(row.number)) return row;
    return { ...row, isCancelRequested: true, status: row.failure === 'canceled' ? 'canceled' : row.status };
  });
}

async function callsOfKilled({ database, members }: UpgradeWorld): Promise<ReadonlySet<string>> {
  const killed = members.flatMap(({ isDoomed, claimant }) => (isDoomed && claimant ? [claimant] : []));
  const rows = await database.query<{ number: string }>(
    `select recipient_number as number
       from call_attempts as attempt join call_queue as call on call.id = attempt.call_queue_id
      where claimed_by = any ($1)`,
    [killed],
  );
  return new Set(rows.map(({ number }) => number));
}

async function versionsOfAttempts({ database, members }: UpgradeWorld): Promise<ReadonlyMap<string, Version>> {
  const attempts = await database.query<{ id: string; claimant: string }>(
    `select id, claimed_by as claimant from call_attempts`,
  );
  return new Map(
    attempts.flatMap(({ id, claimant }) => {
      const member = members.find((other) => other.claimant === claimant);
      return member ? [[id, member.version] as const] : [];
    }),
  );
}

function unended({ rows }: Evidence): readonly string[] {
  return rows
    .filter(({ status }) => ['queued', 'in-progress'].includes(status))
    .map(({ number, status }) => `${number} is still ${status}`);
}
