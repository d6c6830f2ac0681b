import { brokenCalls } from './broken-calls';
import { brokenLimits } from './broken-limits';
import type { Evidence } from './evidence';
import type { StormWorld } from './storm-world';

const SHOWN = 30;

/** What the storm has broken. Empty when every promise was kept. */
export async function violationsOf(world: StormWorld, evidence: Evidence): Promise<readonly string[]> {
  const broken = [...brokenCalls(evidence), ...(await brokenLimits(world, evidence))];
  return [...broken, ...world.fleet.ownEnds, ...world.log.alarms];
}

/** The first ones, and how many there are beyond them. */
export function firstOf(violations: readonly string[]): readonly string[] {
  const more = violations.length - SHOWN;
  return more > 0 ? [...violations.slice(0, SHOWN), `and ${more} more`] : violations;
}
