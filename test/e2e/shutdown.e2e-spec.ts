import { DispatchSignal } from '../../src/modules/calls/application/dispatch-signal';
import { ClaimCalls } from '../../src/modules/calls/application/claim-calls';
import { ReconcileCalls } from '../../src/modules/calls/application/reconcile-calls';
import { RepeatHangUps } from '../../src/modules/calls/application/repeat-hang-ups';
import { NoticePeriod } from '../../src/shared/http/notice-period';
import { Readiness } from '../../src/shared/observability/readiness';
import { DispatchWorld, numbers, type WorldOptions } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

/** A call that nobody ends outlasts the test. */
const STAYS = { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' } as const;

describe('an instance that is told to stop', () => {
  let world: DispatchWorld;
  let letGo: () => void;
  let held: Promise<void>;

  const start = async (options: WorldOptions) => {
    world = await DispatchWorld.start({ sandbox: { script: () => STAYS }, ...options });
  };
  beforeEach(() => {
    held = new Promise((resolve) => (letGo = resolve));
  });
  afterEach(async () => {
    letGo();
    await world.stop();
  });

  const part = <Part>(type: abstract new (...needs: never[]) => Part): Part =>
    world.service.app.get<Part>(type, { strict: false });
  /** Begins to close the instance, and waits until it says so. @returns its end */
  const close = async (): Promise<{ readonly end: Promise<void> }> => {
    const end = world.service.app.close();
    const isStopping = async () => (await part(Readiness).report()).checks['running'] === 'failed';
    await waitFor(isStopping, 'the instance says that it is about to end');
    return { end };
  };

  it('begins no claim from then on, although other parts are still waited for', async () => {
    await start({ environment: { RECONCILE_INTERVAL_MS: '50' } });
    let rounds = 0;
    part(ReconcileCalls).execute = () => {
      rounds += 1;
      return held;
    };
    await waitFor(() => rounds === 1, 'a round waits for its vendor');
    const { end } = await close();
    const claims = jest.spyOn(part(ClaimCalls), 'execute');
    await world.database.query(`insert into call_queue (user_id, recipient_number, template_id) values ($1, $2, $3)`, [
      world.userId,
      numbers(1)[0],
      world.templateId,
    ]);
    part(DispatchSignal).wake();
    letGo();
    await end;
    expect(claims).not.toHaveBeenCalled();
    expect(world.sandbox.posts).toHaveLength(0);
  });

  it('hangs up when it answers an emergency stop, as long as it is asked at all', async () => {
    await start({ environment: { RECONCILE_INTERVAL_MS: '50' } });
    await world.queue(numbers(1));
    await world.sandbox.waitFor(({ liveCalls }) => liveCalls === 1);
    part(NoticePeriod).beforeApplicationShutdown = () => held;
    const { end } = await close();
    const asked = jest.spyOn(part(RepeatHangUps), 'execute');
    const stop = { token: world.adminToken, body: { hangUp: true } };
    expect(await world.service.request('POST', '/v1/admin/queue/stop', stop)).toMatchObject({
      status: 200,
      body: { paused: true, hangingUp: 1 },
    });
    await world.sandbox.waitFor(({ liveCalls }) => liveCalls === 0);
    expect(asked).toHaveBeenCalledTimes(1);
    letGo();
    await end;
  });
});
