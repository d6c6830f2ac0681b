import { waitFor } from '../support/wait-for';
import type { Member } from './member';
import type { UpgradeWorld } from './upgrade-world';

const PATIENCE_MS = 60_000;

/** Webhooks, after the first ones, that one instance took for what another one has placed, by `placed by -> taken by` and version. */
export async function crossings(world: UpgradeWorld, from = 0): Promise<ReadonlyMap<string, number>> {
  const rows = await world.database.query<{ id: string; claimant: string }>(
    `select provider_call_id as id, claimed_by as claimant from call_attempts where provider_call_id is not null`,
  );
  const placers = new Map(rows.map(({ id, claimant }) => [id, claimant]));
  const found = new Map<string, number>();
  for (const { providerCallId, member } of world.balancer.webhooks.slice(from)) {
    const claimant = placers.get(providerCallId);
    const placer = world.members.find((other) => claimant !== undefined && other.claimant === claimant);
    if (placer) count(found, [`${placer.version} -> ${member.version}`, `${placer.name} -> ${member.name}`]);
  }
  return found;
}

/** Waits until each of two instances has taken a webhook, after the first ones, for a call that the other one placed. */
export async function untilBothTakeWebhooks(
  world: UpgradeWorld,
  [one, other]: readonly [Member, Member],
  from = 0,
): Promise<void> {
  const hasBoth = async () => {
    const found = await crossings(world, from);
    return found.has(`${one.name} -> ${other.name}`) && found.has(`${other.name} -> ${one.name}`);
  };
  await waitFor(hasBoth, `"${one.name}" and "${other.name}" take each other's webhooks`, PATIENCE_MS);
}

function count(found: Map<string, number>, keys: readonly string[]): void {
  for (const key of keys) found.set(key, (found.get(key) ?? 0) + 1);
}
