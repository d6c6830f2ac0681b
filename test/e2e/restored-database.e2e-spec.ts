import { Logger } from '@nestjs/common';
import { ApplyCallReport } from '../../src/modules/calls/application/apply-call-report';
import { RepeatHangUps } from '../../src/modules/calls/application/repeat-hang-ups';
import { ProviderPool } from '../../src/modules/providers/public/provider-pool.port';
import { numbers } from '../support/dispatch-world';
import { newId, NOBODY_LISTENS, RestoredWorld } from '../support/restored-world';
import { startService } from '../support/service';
import { waitFor } from '../support/wait-for';

jest.setTimeout(240_000);

let restored: RestoredWorld;
afterEach(async () => {
  jest.restoreAllMocks();
  await restored.stop();
});

const BEFORE_RINGING = 'call.start.error-subscription-concurrency-limit-reached';
const HELD = { holdsWhile: 'in-progress' } as const;
const UNHEARD = { mode: 'lost' } as const;

const statusOf = async (id: string) => (await restored.world.call(id)).status;
const historyOf = (id: string) =>
  restored.database.query<{ outcome: string; transcript: string | null; provider_id: string }>(
    'select outcome, transcript, provider_id from user_call_history where call_queue_id = $1',
    [id],
  );
const usage = async () =>
  (await restored.world.service.request('GET', '/v1/usage', { token: restored.world.userToken })).body;
const attemptIs = (id: string, state: string) =>
  waitFor(
    async () =>
      (await restored.database.query(`select from call_attempts where call_queue_id = $1 and state = $2`, [id, state]))
        .length > 0,
    `an attempt of ${id} is ${state}`,
  );

/** Calls that wait in the backup and are placed afterwards, and the backup itself. */
async function placedAfterBackup(calls: readonly string[]): Promise<string[]> {
  let ids: string[] = [];
  await restored.hold(async () => (ids = await restored.world.queue(calls)));
  await restored.backUp();
  await restored.world.admin('POST', '/v1/admin/queue/resume');
  await restored.world.settled();
  return ids;
}

describe('a database that was put back to a backup', () => {
  it('rings nobody again, whatever the backup knew of a call, and lets the rest go out once it is compared', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [first, second] = vendors.sandboxes;
    const [live, unknown, placing, queued, retried, elsewhere, later, lost] = numbers(8) as [string, ...string[]] &
      string[];
    first.order({ number: live, call: HELD });
    first.order({ number: unknown!, answer: { kind: 'lost-answer' }, call: HELD, webhooks: UNHEARD });
    first.order({ number: placing!, answer: { kind: 'hang-after' }, call: HELD, webhooks: UNHEARD });
    first.order({ number: retried!, answer: { kind: 'over-limit' } });
    const ids = await world.queue([live, unknown!, placing!]);
    await attemptIs(ids[0]!, 'placed');
    await attemptIs(ids[1]!, 'unknown');
    const atFirst = { templateId: await world.addTemplate({ assistantId: world.account.assistantIds[0] }) };
    ids.push(...(await world.queue([retried!], atFirst)));
    await attemptIs(ids[3]!, 'refused');
    const atSecond = { templateId: await restored.secondVendorsTemplate() };
    await restored.hold(async () => {
      ids.push(...(await world.queue([queued!], atFirst)), ...(await world.queue([elsewhere!], atSecond)));
      const scheduledTime = new Date(Date.now() + 3_600_000).toISOString();
      ids.push(...(await world.queue([later!], { scheduledTime })));
    });
    const backup = await restored.backUp();
    await world.admin('POST', '/v1/admin/queue/resume');
    first.release();
    await world.queue([lost!]);
    await waitFor(
      () => [retried!, queued!, elsewhere!, lost!].every((number) => vendors.dialsTo(number) === 1),
      'the first life has placed what it will',
      30_000,
    );

    await backup.query('update call_queue set scheduled_time = null where id = $1', [ids[6]]);
    await restored.moveProvider(vendors.second.id, NOBODY_LISTENS, backup);
    const warnings = jest.spyOn(Logger.prototype, 'warn');
    await restored.restore();
    // The mark holds by itself.
    await restored.database.query('update dispatch_control set is_paused = false');

    await waitFor(async () => (await restored.pending()).join() === 'second', 'the first vendor is compared', 60_000);
    await waitFor(async () => (await restored.resume()).body.detail.includes('reached'), 'the problem is told', 60_000);
    const refused = await restored.resume();
    expect(refused).toMatchObject({ status: 409, body: { code: 'queue.restore_not_compared' } });
    expect(refused.body.detail).toMatch(/at: second \(Retell could not be reached.*\)\.$/);
    expect(await world.admin('GET', '/v1/admin/queue')).toMatchObject({
      paused: true,
      waiting: [{ reason: 'restored', calls: 2, providerId: null }],
    });
    expect([vendors.dialsTo(elsewhere!), vendors.dialsTo(later!)]).toEqual([1, 0]);

    await restored.moveProvider(vendors.second.id, second.url);
    await restored.resumed();
    await world.settled(60_000);
    await world.measured();
    for (const id of ids) expect([id, await statusOf(id)]).toEqual([id, 'completed']);
    for (const number of numbers(8)) expect([number, vendors.dialsTo(number)]).toEqual([number, 1]);
    expect(await restored.counts()).toEqual({ adopted: 3, lost: 1 });
    expect(warnings.mock.calls.filter(([said]) => String(said).includes('queued after the backup'))).not.toEqual([]);
    expect(await vendors.history()).toEqual(vendors.createdCalls().filter((entry) => !entry.startsWith(lost!)));
    expect(await historyOf(ids[5]!)).toEqual([
      { outcome: 'completed', transcript: expect.stringContaining('Agent'), provider_id: vendors.second.id },
    ]);
    const sums = { calls: 7, minutes: 7, reservedCalls: 0, reservedMinutes: 0 };
    expect(await restored.ledger()).toEqual({ totals: sums, lines: sums, oddAttempts: 0 });
  });

  it('follows a call past an attempt that the backup takes for live, but that never rang', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [number] = numbers(1) as [string];
    vendors.sandboxes[0].order({ number, call: { holdsWhile: 'queued' } });
    const [id] = (await world.queue([number])) as [string];
    await attemptIs(id, 'placed');
    await restored.backUp();
    vendors.sandboxes[0].hangUp(BEFORE_RINGING, number);
    await world.settled();
    expect(vendors.asked().get(number)).toHaveLength(2);
    await restored.restore();
    await restored.resumed();
    await world.settled();
    expect(await statusOf(id)).toBe('completed');
    expect(vendors.asked().get(number)).toHaveLength(2);
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0, minutesUsed: 1, minutesReserved: 0 });
  });

  it('changes nothing when it is marked and compared once more', async () => {
    restored = await RestoredWorld.start();
    const [id] = (await placedAfterBackup(numbers(1))) as [string];
    await restored.restore();
    await restored.compared();
    const since = await restored.mark();
    await restored.compared();
    expect((await restored.mark()).getTime()).toBeLessThanOrEqual(since.getTime());
    await restored.resumed();
    expect(await historyOf(id)).toHaveLength(1);
    expect(restored.vendors.dialsTo(numbers(1)[0]!)).toBe(1);
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0 });
    expect((await restored.ledger()).oddAttempts).toBe(0);
  });

  it('writes down what took place of a call that has ended here in another way', async () => {
    restored = await RestoredWorld.start();
    const [id] = (await placedAfterBackup(numbers(1))) as [string];
    await restored.restore('unmarked');
    await restored.world.service.request('POST', `/v1/calls/${id}/cancel`, { token: restored.world.userToken });
    await restored.mark();
    await restored.resumed();
    expect(await statusOf(id)).toBe('canceled');
    expect(await historyOf(id)).toMatchObject([{ outcome: 'completed' }]);
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0 });
  });

  it('is compared to the end by another instance when the first dies', async () => {
    restored = await RestoredWorld.start();
    const all = numbers(5);
    const ids = await placedAfterBackup(all);
    await restored.restore('unmarked');
    const applyCallReport = restored.world.service.app.get(ApplyCallReport);
    const apply = applyCallReport.execute.bind(applyCallReport);
    let applied = 0;
    jest.spyOn(applyCallReport, 'execute').mockImplementation((...report) => {
      applied += 1;
      return applied > 2 ? new Promise(() => undefined) : apply(...report);
    });
    await restored.mark();
    await waitFor(() => applied > 2, 'the first instance is stuck amid the comparison');
    expect((await restored.resume()).status).toBe(409);
    const { database } = restored;
    const environment = { DISPATCH_INTERVAL_MS: '100', RECONCILE_INTERVAL_MS: '200', PLACE_TIMEOUT_MS: '2000' };
    const other = await startService({ database, environment });
    await restored.resumed(other);
    await restored.world.settled();
    for (const id of ids) expect([await statusOf(id), (await historyOf(id)).length]).toEqual(['completed', 1]);
    for (const number of all) expect(restored.vendors.dialsTo(number)).toBe(1);
    expect(await usage()).toMatchObject({ callsUsed: 5, callsReserved: 0 });
    await other.stop();
  });

  it('looks again when a webhook tells of an attempt that nobody knows', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [number] = numbers(1) as [string];
    let ids: string[] = [];
    await restored.hold(async () => (ids = await world.queue([number])));
    await restored.backUp();
    await restored.restore();
    await restored.compared();
    const pool = world.service.app.get(ProviderPool);
    const { id: providerId, sandbox } = vendors.first;
    const straggler = await pool.connect(providerId);
    await straggler.placeCall(
      {
        attemptId: newId(),
        callId: ids[0]!,
        providerId,
        to: number,
        from: { externalId: sandbox.phoneNumbers[0]!.id, fullNumber: sandbox.phoneNumbers[0]!.number! },
        assistantExternalId: sandbox.assistants[0]!.id,
        variables: {},
        maxDurationSeconds: 60,
        webhookUrl: pool.webhookUrl(providerId),
      },
      30_000,
    );
    await waitFor(async () => (await statusOf(ids[0]!)) === 'completed', 'the call is adopted', 30_000);
    await restored.resumed();
    await world.settled();
    expect(vendors.dialsTo(number)).toBe(1);
  });

  it('goes on without a vendor that stays away when an operator decides so', async () => {
    restored = await RestoredWorld.start();
    await placedAfterBackup(numbers(1));
    await restored.restore('unmarked');
    await restored.moveProvider(restored.vendors.second.id, NOBODY_LISTENS);
    expect(await restored.abandon()).toBe(false);
    await restored.mark();
    expect((await restored.resume()).status).toBe(409);
    expect(await restored.abandon()).toBe(true);
    expect(await restored.resume()).toMatchObject({ status: 200, body: { paused: false } });
    const entries = await restored.world.admin('GET', '/v1/admin/audit');
    const actions = (entries.items as { action: string }[]).map(({ action }) => action);
    expect(actions.slice(0, 3)).toEqual(['queue.resume', 'queue.abandon_comparison', 'queue.restored']);
  });

  it('is noticed by a service that finds itself on another database than before, and says which command to run', async () => {
    restored = await RestoredWorld.start();
    const noted = () => restored.database.query('select from dispatch_control where database_identity is not null');
    await waitFor(async () => (await noted()).length === 1, 'the service knows where it is');
    await restored.backUp();
    const warnings = jest.spyOn(Logger.prototype, 'warn');
    const warned = () => warnings.mock.calls.filter(([said]) => String(said).includes('npm run db:restored')).length;
    await restored.restore('unmarked');
    await waitFor(() => warned() === 1, 'the service warns');
    await restored.world.service.request('GET', '/health/ready');
    expect(warned()).toBe(1);
  });

  it('hangs up nothing because of a stop that was in force when the backup was made', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [first] = vendors.sandboxes;
    const [open, later] = numbers(2) as [string, string];
    for (const number of [open, later]) first.order({ number, call: HELD });
    const atFirst = { templateId: await world.addTemplate({ assistantId: world.account.assistantIds[0] }) };
    const [id] = (await world.queue([open], atFirst)) as [string];
    await attemptIs(id, 'placed');
    await restored.hold(() => world.queue([later], atFirst));
    await world.database.query(`update dispatch_control set hang_up_before = 'infinity'`);
    await restored.backUp();
    await world.database.query(`update dispatch_control set hang_up_before = null`);
    await world.admin('POST', '/v1/admin/queue/resume');
    await waitFor(() => vendors.dialsTo(later) === 1, 'the other call is placed as well');

    await restored.restore();
    await restored.compared();
    for (let round = 0; round < 3; round += 1) await world.service.app.get(RepeatHangUps, { strict: false }).execute();
    expect(first.liveCalls).toBe(2);
    first.release();
    await restored.resumed();
    await world.settled();
    expect(await restored.database.query('select distinct status from call_queue')).toEqual([{ status: 'completed' }]);
  });
});
