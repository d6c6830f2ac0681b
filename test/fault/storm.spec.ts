import { stormForm } from '../support/test-environment';
import { gather } from './storm/evidence';
import { findPgBouncer } from './storm/pgbouncer';
import { planStorm, type StormSize } from './storm/plan';
import { Storm } from './storm/storm';
import { StormWorld } from './storm/storm-world';
import { tableOf } from './storm/table';
import { firstOf, violationsOf } from './storm/verdict';

const { seed, calls, pgbouncer, isSilent } = stormForm(findPgBouncer);
const isShort = calls <= 1_000;
/** A hundred steps or so meet every kind of event five times, however many calls there are. */
const SIZE: StormSize = {
  calls,
  callsPerStep: isShort ? 20 : Math.max(40, Math.ceil(calls / 100)),
  users: isShort ? 8 : 40,
  // Small beside what the machine could place, so that they decide, and not so small that a large storm takes hours.
  caps: calls > 5_000 ? [40, 25] : [10, 7],
};

jest.setTimeout(isShort ? 300_000 : 14_400_000);

async function weather(way: string, pooler: string | undefined): Promise<readonly string[]> {
  const startedAt = Date.now();
  const world = await StormWorld.start({
    seed,
    instances: isShort ? 2 : 3,
    users: SIZE.users,
    caps: SIZE.caps,
    callsPerUser: calls / SIZE.users,
    pgbouncer: pooler,
  });
  try {
    const storm = new Storm(world, planStorm(seed, SIZE), SIZE.caps);
    await storm.rage();
    const evidence = await gather(world, await storm.settle());
    const violations = await violationsOf(world, evidence);
    const seconds = (Date.now() - startedAt) / 1000;
    if (!isSilent || violations.length > 0)
      process.stderr.write(`\n${tableOf(world, evidence, { seed, seconds, way, violations })}\n`);
    return firstOf(violations);
  } finally {
    await world.stop();
  }
}

const REPLAY = `npm run test:fault -- --storm ${calls} --seed ${seed}`;

describe(`a storm of ${calls} calls (${REPLAY})`, () => {
  it('breaks no promise', async () => {
    expect(await weather('direct', undefined)).toEqual([]);
  });

  if (pgbouncer === undefined) it.todo('PgBouncer is not installed: that storm is left out');
  else
    it('breaks none through PgBouncer either', async () => {
      expect(await weather('PgBouncer, transactions', pgbouncer)).toEqual([]);
    });
});
