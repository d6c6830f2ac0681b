import { DialControl } from '../../src/modules/calls/application/ports/dial-control.port';
import { DispatchWorld, type WorldOptions } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

const SLOTS = 20;
const NUMBERS = Array.from({ length: 70 }, (_, index) => `+1202555${String(100 + index).padStart(4, '0')}`);
/** A call that nobody ends outlasts the test. */
const STAYS = { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' } as const;
const OFTEN = { DISPATCH_BATCH_SIZE: '5', RECONCILE_INTERVAL_MS: '100', DISPATCH_INTERVAL_MS: '100' };

describe('emergency stop', () => {
  let world: DispatchWorld;

  const start = async (options: WorldOptions) => {
    world = await DispatchWorld.start({ concurrencyLimit: SLOTS, sandbox: { script: () => STAYS }, ...options });
  };
  afterEach(() => world.stop());

  const control = (action: string, body?: object) =>
    world.service.request('POST', `/v1/admin/queue/${action}`, { token: world.adminToken, body });
  const statuses = async () => {
    const rows = await world.database.query<{ status: string; calls: number }>(
      'select status, count(*)::integer as calls from call_queue group by status',
    );
    return Object.fromEntries(rows.map(({ status, calls }) => [status, calls]));
  };
  /** Nothing that an instance has claimed can leave any more: it has been sent, or put back. */
  const nothingIsOnItsWay = () =>
    waitFor(
      async () => (await world.database.query(`select from call_attempts where state = 'placing'`)).length === 0,
      'every claimed attempt is sent or put back',
    );
  const numbersDialled = () => world.sandbox.calls.map(({ customerNumber }) => customerNumber);

  it('ends dialling on three instances, hangs up what is live, and dials the others once when the queue goes on', async () => {
    await start({ instances: 3, environment: OFTEN });
    await world.queue(NUMBERS);
    await world.sandbox.waitFor(({ calls }) => calls.length >= SLOTS / 2);

    const answer = await control('stop', { hangUp: true });
    expect(answer).toMatchObject({ status: 200, body: { paused: true } });
    await nothingIsOnItsWay();
    const dialled = world.sandbox.calls.length;
    await waitFor(async () => (await statuses())['in-progress'] === undefined, 'every live call is hung up');
    expect(world.sandbox.liveCalls).toBe(0);
    expect(world.sandbox.posts).toHaveLength(dialled);
    expect(answer.body.hangingUp).toBeGreaterThan(0);
    expect(await statuses()).toEqual({ canceled: dialled, queued: NUMBERS.length - dialled });

    expect((await control('resume')).body).toMatchObject({ paused: false });
    await waitFor(async () => {
      world.sandbox.hangUp();
      const { queued, 'in-progress': inProgress } = await statuses();
      return queued === undefined && inProgress === undefined;
    }, 'every call has ended');
    expect(new Set(numbersDialled()).size).toBe(NUMBERS.length);
    expect(world.sandbox.calls).toHaveLength(NUMBERS.length);
    expect(await statuses()).toEqual({ canceled: dialled, completed: NUMBERS.length - dialled });
  }, 60_000);

  it('leaves calls under way alone unless they are to be hung up', async () => {
    await start({});
    const [id] = await world.queue(NUMBERS.slice(0, 1));
    await world.callWhen(id!, 'in-progress');
    await world.sandbox.waitFor(({ calls }) => calls[0]?.status === 'in-progress');
    expect((await control('stop')).body).toMatchObject({ paused: true, hangingUp: 0 });
    expect(world.sandbox.hangUp()).toBe(1);
    await world.callWhen(id!, 'completed');
  });

  it('puts back what is claimed and not sent, on an instance that hears of nothing', async () => {
    await start({});
    const dialControl = world.service.app.get(DialControl, { strict: false });
    const isStopped = dialControl.isStopped.bind(dialControl);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    dialControl.isStopped = () => held.then(isStopped);
    await world.queue(NUMBERS.slice(0, 3));
    await waitFor(async () => (await statuses())['in-progress'] === 3, 'three calls are claimed');

    await control('stop', { hangUp: true });
    letGo();
    await waitFor(async () => (await statuses())['queued'] === 3, 'all are back in the queue');
    expect(world.sandbox.posts).toHaveLength(0);

    await control('resume');
    await world.sandbox.waitFor(({ liveCalls }) => liveCalls === 3);
    expect(new Set(numbersDialled()).size).toBe(3);
    expect((await statuses())['in-progress']).toBe(3);
  });

  it('hangs up a call whose placement turns out only after the queue went on', async () => {
    await start({
      environment: { PLACE_TIMEOUT_MS: '200', RECONCILE_INTERVAL_MS: '1000', POLL_SILENT_AFTER_MS: '100' },
    });
    world.sandbox.order({ answer: { kind: 'hang-after' }, webhooks: { mode: 'lost' }, call: STAYS });
    const [id] = await world.queue(NUMBERS.slice(0, 1));
    await waitFor(
      async () => (await world.database.query(`select from call_attempts where state = 'unknown'`)).length === 1,
      'nobody knows what became of the placement',
    );
    expect((await control('stop', { hangUp: true })).body).toMatchObject({ hangingUp: 1 });
    await control('resume');
    await world.callWhen(id!, 'canceled');
    expect(world.sandbox.liveCalls).toBe(0);
  });
});
