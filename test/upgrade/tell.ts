import { upgradeForm } from '../support/test-environment';
import type { Load } from './load';
import type { Version } from './member';
import type { UpgradeWorld } from './upgrade-world';
import { crossings } from './webhooks';

/** What happened, for whoever reads the run. */
export async function tell(world: UpgradeWorld, load: Load): Promise<void> {
  const claims = await world.database.query<{ claimant: string; calls: number }>(
    `select claimed_by as claimant, count(*)::integer as calls from call_attempts group by 1`,
  );
  const ends = await world.database.query<{ end: string; calls: number }>(
    `select concat_ws(' ', status, failure_code) as end, count(*)::integer as calls from call_queue group by 1 order by 2 desc`,
  );
  const records = await Promise.all(world.vendors.map((vendor) => vendor.records()));
  const crossed = await crossings(world);
  const ofVersion = (version: Version) => {
    const members = world.members.filter((member) => member.version === version);
    const names = new Set(members.map(({ claimant }) => claimant));
    const placed = claims.filter(({ claimant }) => names.has(claimant)).reduce((sum, { calls }) => sum + calls, 0);
    const answered = members.reduce((sum, member) => sum + (world.balancer.requests.get(member) ?? 0), 0);
    return `${version}: ${members.length} instances, ${answered} answers, ${placed} attempts`;
  };
  const lines = [
    `${world.release.name} -> this version, ${load.requests} requests, ${load.failures.length} failed, ${load.excused} repeated because an instance was killed, ${load.repeats} keys repeated`,
    `${load.queued.length} calls accepted, ${records.flatMap(({ calls }) => calls).filter(({ isDialed }) => isDialed).length} dials; ${ends.map(({ end, calls }) => `${calls} ${end}`).join(', ')}`,
    `${ofVersion('old')}; ${ofVersion('new')}`,
    `webhooks taken for the other version: ${crossed.get('old -> new') ?? 0} by new, ${crossed.get('new -> old') ?? 0} by old`,
    ...(world.release.otherPackages.length > 0
      ? [`${world.release.name} ran with other packages than its own: ${world.release.otherPackages.join(', ')}`]
      : []),
    ...(upgradeForm().isLong || load.failures.length > 0 ? world.log.summary() : []),
  ];
  process.stderr.write(`\nRolling update:\n${lines.map((line) => `  ${line}\n`).join('')}`);
}
