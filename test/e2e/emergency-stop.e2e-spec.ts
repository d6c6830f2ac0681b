import { HangUpCall } from '../../src/modules/calls/application/hang-up-call';
import { DialControl } from '../../src/modules/calls/application/ports/dial-control.port';
import { RepeatHangUps } from '../../src/modules/calls/application/repeat-hang-ups';
import { ViewQueue } from '../../src/modules/calls/application/view-queue';
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
  /** Has whoever asks for hang-ups ask, and wait for the answers. */
  const hangUpRounds = async (rounds: number) => {
    for (let round = 0; round < rounds; round += 1)
      await world.service.app.get(RepeatHangUps, { strict: false }).execute();
  };
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
    await waitFor(
      async () => {
        world.sandbox.hangUp();
        const { queued, 'in-progress': inProgress } = await statuses();
        return queued === undefined && inProgress === undefined;
      },
      'every call has ended',
      30_000,
    );
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
    const look = dialControl.look.bind(dialControl);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    dialControl.look = () => held.then(look);
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

  it('has a call that was claimed before the stop and not sent go out anew, and leaves it alone, once the queue goes on', async () => {
    await start({ environment: { RECONCILE_INTERVAL_MS: '100' } });
    const dialControl = world.service.app.get(DialControl, { strict: false });
    const look = dialControl.look.bind(dialControl);
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    dialControl.look = () => held.then(look);
    const [id] = await world.queue(NUMBERS.slice(0, 1));
    await waitFor(async () => (await statuses())['in-progress'] === 1, 'the call is claimed');
    await control('stop', { hangUp: true });
    await control('resume');

    letGo();
    await world.sandbox.waitFor(({ calls }) => calls[0]?.status === 'in-progress');
    await hangUpRounds(3);
    expect(world.sandbox.liveCalls).toBe(1);
    expect(world.sandbox.posts).toHaveLength(1);
    world.sandbox.hangUp();
    await world.callWhen(id!, 'completed');
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

  it('says of a second stop how many calls the first one has still to hang up', async () => {
    await start({ environment: { RECONCILE_INTERVAL_MS: '60000' } });
    const hangUpCall = world.service.app.get(HangUpCall, { strict: false });
    const ask = hangUpCall.ask.bind(hangUpCall);
    hangUpCall.ask = () => Promise.resolve();
    await world.queue(NUMBERS.slice(0, 3));
    await world.sandbox.waitFor(({ liveCalls }) => liveCalls === 3);
    expect((await control('stop')).body).toMatchObject({ hangingUp: 0 });
    for (const body of [{ hangUp: true }, { hangUp: true }, {}])
      expect((await control('stop', body)).body).toMatchObject({ paused: true, hangingUp: 3 });

    hangUpCall.ask = ask;
    await world.database.query(`update call_attempts set hang_up_at = null`);
    await hangUpRounds(1);
    await waitFor(async () => (await statuses())['canceled'] === 3, 'all are hung up');
    expect((await control('stop')).body).toMatchObject({ hangingUp: 0 });
  });

  it('is answered as what it is though the queue cannot be looked at afterwards', async () => {
    await start({});
    const viewQueue = world.service.app.get(ViewQueue, { strict: false });
    viewQueue.execute = () => Promise.reject(new Error('the database is away'));
    const isPaused = async () => {
      const [row] = await world.database.query('select is_paused from dispatch_control');
      return row?.['is_paused'];
    };
    expect(await control('stop')).toMatchObject({ status: 200, body: { paused: true, hangingUp: 0 } });
    expect(await isPaused()).toBe(true);
    expect(await control('resume')).toMatchObject({ status: 200, body: { paused: false } });
    expect(await isPaused()).toBe(false);
    expect(await control('pause')).toMatchObject({ status: 200, body: { paused: true } });
    expect(await isPaused()).toBe(true);
  });

  it('keeps no other duty waiting for a vendor that is slow to hang up', async () => {
    await start({ environment: { ...OFTEN, POLL_SILENT_AFTER_MS: '100' } });
    const hangUpCall = world.service.app.get(HangUpCall, { strict: false });
    let asked = 0;
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    hangUpCall.ask = () => {
      asked += 1;
      return answered;
    };
    const [first] = await world.queue(NUMBERS.slice(0, 1));
    await world.sandbox.waitFor(({ liveCalls }) => liveCalls === 1);
    await world.service.request('POST', `/v1/calls/${first!}/cancel`, { token: world.userToken });
    await waitFor(() => asked > 1, 'a round waits for the vendor');

    world.sandbox.order({ answer: { kind: 'lost-answer' }, webhooks: { mode: 'lost' }, call: STAYS });
    const [second] = await world.queue(NUMBERS.slice(1, 2));
    await waitFor(async () => {
      const rows = await world.database.query(
        `select from call_attempts where call_queue_id = $1 and state = 'placed'`,
        [second],
      );
      return rows.length === 1;
    }, 'the placement without an answer is found');
    answer();
  });
});
