import { DispatchWorld, numbers } from '../support/dispatch-world';
import { freePort } from '../support/service';
import { waitFor } from '../support/wait-for';
import { Instance } from './instance';
import { instanceEnvironment } from './kill-world';

const CALLS = 300;
const SLOTS = 40;
/** One call in so many goes on until it is hung up; the others make room for the next ones. */
const ONE_IN = 10;
const STAYS = { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' } as const;
const ANSWERED = { endedReason: 'customer-ended-call', durationSeconds: 30 } as const;

jest.setTimeout(120_000);

describe('an emergency stop of three instances that dial', () => {
  let world: DispatchWorld;
  let instances: readonly Instance[] = [];

  beforeAll(async () => {
    let made = 0;
    const script = () => ((made += 1) % ONE_IN === 0 ? STAYS : ANSWERED);
    world = await DispatchWorld.start({ concurrencyLimit: SLOTS, sandbox: { script } });
    await world.queue(numbers(CALLS), { scheduledTime: new Date(Date.now() + 3_600_000).toISOString() });
    // It has set everything up; from here on processes of their own serve.
    await world.service.app.close();
    const environment = await instanceEnvironment(world.database);
    const ports = [await freePort(), await freePort(), await freePort()];
    instances = await Promise.all(ports.map((port) => Instance.start({ ...environment, PORT: String(port) })));
  });
  afterAll(async () => {
    for (const instance of instances) await instance.kill();
    await world.stop();
  });

  const control = (action: string, body?: object) =>
    instances[0]!.request('POST', `/v1/admin/queue/${action}`, { token: world.adminToken, body });
  const count = async (condition: string): Promise<number> => {
    const [row] = await world.database.query<{ calls: number }>(
      `select count(*)::integer as calls from call_queue where ${condition}`,
    );
    return row!.calls;
  };
  const dueNow = () => world.database.query(`update call_queue set scheduled_time = now()`);
  const dials = () => world.sandbox.calls.map(({ customerNumber }) => customerNumber);

  /** What the stop took, for whoever reads the run. A slow machine is no broken promise, so nothing is asserted of it. */
  const tell = (requestedAt: number, answeredAt: number): void => {
    const last = Math.max(...world.sandbox.posts.map(({ arrivedAtMs }) => arrivedAtMs));
    const figures = [
      `answered after ${(answeredAt - requestedAt).toFixed(0)} ms`,
      `the last of ${String(world.sandbox.posts.length)} requests reached the vendor ${(last - requestedAt).toFixed(0)} ms after it was asked for`,
      `the last call was hung up ${(performance.now() - requestedAt).toFixed(0)} ms after that`,
    ];
    process.stderr.write(`\nEmergency stop, ${String(instances.length)} instances: ${figures.join('; ')}\n`);
  };

  it('ends what they send, hangs up what is live, and leaves each other call to be dialled once', async () => {
    await dueNow();
    await world.sandbox.waitFor(({ posts }) => posts.length >= CALLS / 4);
    const requestedAt = performance.now();
    const answer = await control('stop', { hangUp: true });
    const answeredAt = performance.now();
    expect(answer).toMatchObject({ status: 200, body: { paused: true } });

    const isOnItsWay = () => world.database.query(`select from call_attempts where state = 'placing' limit 1`);
    await waitFor(async () => (await isOnItsWay()).length === 0, 'every claimed attempt is sent or put back');
    const dialled = world.sandbox.posts.length;
    await waitFor(async () => (await count(`status = 'in-progress'`)) === 0, 'every live call is hung up');
    tell(requestedAt, answeredAt);
    expect(world.sandbox.liveCalls).toBe(0);
    expect(world.sandbox.posts).toHaveLength(dialled);
    expect(await count(`status = 'queued'`)).toBe(CALLS - dialled);
    expect(await count(`status = 'canceled'`)).toBeGreaterThan(0);

    await control('resume');
    await waitFor(
      async () => {
        world.sandbox.hangUp();
        return (await count(`status in ('queued', 'in-progress')`)) === 0;
      },
      'every call has ended',
      60_000,
    );
    expect(dials()).toHaveLength(CALLS);
    expect(new Set(dials()).size).toBe(CALLS);
  });
});
