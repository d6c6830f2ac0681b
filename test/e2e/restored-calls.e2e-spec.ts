import { Logger } from '@nestjs/common';
import { TakeInPlacedCall } from '../../src/modules/calls/application/take-in-placed-call';
import { ProviderPool } from '../../src/modules/providers/public/provider-pool.port';
import { Metrics } from '../../src/shared/observability/metrics';
import { API_KEY, numbers } from '../support/dispatch-world';
import { HeardLog } from '../support/heard-log';
import { newId, NOBODY_LISTENS, RestoredWorld } from '../support/restored-world';
import { send } from '../support/service';
import { waitFor } from '../support/wait-for';

jest.setTimeout(240_000);

let restored: RestoredWorld;
afterEach(async () => {
  jest.restoreAllMocks();
  await restored.stop();
});

const HELD = { times: 'always', call: { holdsWhile: 'in-progress' } } as const;

/** Whose calls only the first vendor may place. */
const atFirst = async () => ({
  templateId: await restored.world.addTemplate({ assistantId: restored.world.account.assistantIds[0] }),
});
/** The first provider may have one call at a time; its vendor would take more. */
const oneAtATime = () => RestoredWorld.start({ limits: [1, 1], vapi: { concurrencyLimit: 10 } });
const isDialled = (number: string, times = 1) =>
  waitFor(() => restored.vendors.dialsTo(number) === times, `${number} is dialled`, 30_000);
const statusOf = async (id: string) => (await restored.world.call(id)).status;
const attempts = () =>
  restored.database.query('select provider_id, state, claimed_by from call_attempts order by created_at');

/** A call of the previous life: only its vendor knows of it. */
async function placeElsewhere(callId: string, to: string): Promise<void> {
  const { world, vendors } = restored;
  const { id: providerId, sandbox } = vendors.first;
  const pool = world.service.app.get(ProviderPool);
  const [number, assistant] = [sandbox.phoneNumbers[0]!, sandbox.assistants[0]!];
  const provider = await pool.connect(providerId);
  await provider.placeCall(
    {
      attemptId: newId(),
      callId,
      providerId,
      to,
      from: { externalId: number.id, fullNumber: number.number! },
      assistantExternalId: assistant.id,
      variables: {},
      maxDurationSeconds: 60,
      webhookUrl: pool.webhookUrl(providerId),
    },
    30_000,
  );
}

describe('calls that a restored database knows nothing of, or something else', () => {
  it('keep calls from going out beyond the cap while they are live and hold no slot', async () => {
    restored = await oneAtATime();
    const { world, vendors } = restored;
    const [lost, canceled, next] = numbers(3) as [string, string, string];
    const [first] = vendors.sandboxes;
    for (const number of [lost, canceled]) first.order({ number, call: HELD.call });
    const template = await atFirst();
    const scheduledTime = new Date(Date.now() + 3_600_000).toISOString();
    const [id] = (await world.queue([canceled], { ...template, scheduledTime })) as [string];
    await restored.hold(() => world.queue([next], template));
    await restored.backUp();
    await world.database.query('delete from call_queue where recipient_number = $1', [next]);
    await world.admin('POST', '/v1/admin/queue/resume');
    await world.queue([lost], template);
    await isDialled(lost);
    await restored.restore();
    await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    await placeElsewhere(id, canceled);
    const told = async () => String((await restored.resume()).body.detail);
    await waitFor(async () => (await told()).includes('2 calls are still under way'), 'the calls are told', 60_000);
    expect((await restored.resume()).status).toBe(409);
    first.release(lost);
    await waitFor(async () => (await told()).includes('1 call is still under way'), 'one is told', 60_000);
    first.release();
    await restored.resumed();
    await isDialled(next);
    await world.settled();
    expect([vendors.dialsTo(next), first.maxLiveCalls]).toEqual([1, 2]);
  });

  it('are found although the moment that was given is later than they are', async () => {
    restored = await RestoredWorld.start();
    const [number] = numbers(1) as [string];
    const template = await atFirst();
    await restored.hold(() => restored.world.queue([number], template));
    await restored.backUp();
    await restored.world.admin('POST', '/v1/admin/queue/resume');
    await restored.world.settled();
    await restored.restore('unmarked');
    await restored.mark(new Date(Date.now() + 60_000));
    await restored.resumed();
    await restored.world.settled();
    expect(restored.vendors.dialsTo(number)).toBe(1);
  });

  it('belong to the provider that placed them, though another one has the same account', async () => {
    restored = await oneAtATime();
    const { world, vendors } = restored;
    const [number] = numbers(1) as [string];
    const template = await atFirst();
    const twin = { name: 'twin', type: 'voice', driver: 'vapi', priority: 9, concurrencyLimit: 1, isActive: true };
    const account = { credentials: { apiKey: API_KEY }, baseUrl: world.sandbox.url };
    const { id: twinId } = await world.admin('POST', '/v1/admin/providers', { ...twin, ...account });
    await world.admin('POST', `/v1/admin/providers/${twinId}/import`);
    vendors.sandboxes[0].order(HELD);
    await restored.hold(() => world.queue([number], template));
    const backup = await restored.backUp();
    await world.admin('POST', '/v1/admin/queue/resume');
    await isDialled(number);
    await restored.moveProvider(vendors.first.id, NOBODY_LISTENS, backup);
    await restored.restore();
    await waitFor(async () => (await restored.pending()).join() === 'first', 'the twin is compared', 60_000);
    expect(await attempts()).toEqual([{ provider_id: vendors.first.id, state: 'placed', claimed_by: 'restore' }]);
    await restored.moveProvider(vendors.first.id, world.sandbox.url);
    await restored.resumed();
    expect(await restored.counts()).toEqual({ adopted: 1, lost: 0 });
    vendors.sandboxes[0].release();
    await world.settled();
    expect(vendors.dialsTo(number)).toBe(1);
  });

  it('are not taken for ours when somebody else was called', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [ours, theirs] = numbers(2) as [string, string];
    const template = await atFirst();
    let id = '';
    await restored.hold(async () => ([id] = (await world.queue([ours], template)) as [string]));
    await restored.backUp();
    await placeElsewhere(id, theirs);
    const warnings = jest.spyOn(Logger.prototype, 'warn');
    await restored.restore();
    await restored.resumed();
    await world.settled();
    expect([await statusOf(id), vendors.dialsTo(ours)]).toEqual(['completed', 1]);
    expect(await restored.counts()).toEqual({ adopted: 0, lost: 1 });
    expect(warnings.mock.calls.filter(([said]) => String(said).includes('to another number'))).toHaveLength(1);
  });

  it('are ended for good where nothing of them can be written down, an attempt without a result included', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [number] = numbers(1) as [string];
    let id = '';
    await restored.hold(async () => ([id] = (await world.queue([number])) as [string]));
    const backup = await restored.backUp();
    await world.admin('POST', `/v1/admin/providers/${vendors.first.id}/pause`);
    await world.admin('POST', '/v1/admin/queue/resume');
    await waitFor(() => vendors.sandboxes[1].dialsTo(number) === 1, 'the second vendor places it');
    await backup.query('delete from provider_phone_numbers where provider_id = $1', [vendors.second.id]);
    await backup.query(
      `insert into call_attempts (call_queue_id, provider_id, phone_number_id, assistant_id, state, reserved_minutes, claimed_by)
       select $1, number.provider_id, number.id, assistant.id, 'unknown', 2, 'instance'
         from provider_phone_numbers as number join provider_assistants as assistant using (provider_id)
        where provider_id = $2 limit 1`,
      [id, vendors.first.id],
    );
    await backup.query(`update call_queue set status = 'in-progress', attempts = 1 where id = $1`, [id]);
    const log = new HeardLog();
    await restored.restore('marked', { UNKNOWN_PLACEMENT_POLICY: 'redial', UNKNOWN_RESOLVE_AFTER_MS: '1000' });
    await restored.resumed();
    expect(await world.call(id)).toMatchObject({ status: 'failed', failure: { code: 'placement_unknown' } });
    expect(log.about({ event: 'attempt.given_up' })).toMatchObject([{ callId: id, providerId: vendors.first.id }]);
    expect(await attempts()).toMatchObject([{ state: 'ended' }]);
    const counter = world.service.app
      .get(Metrics, { strict: false })
      .registry.getSingleMetric('ringonce_calls_ended_total');
    expect((await counter?.get())?.values).toMatchObject([
      { labels: { status: 'failed', outcome: 'placement_unknown' }, value: 1 },
    ]);
    expect(vendors.dialsTo(number)).toBe(1);
  });

  it('change nothing any more once the comparison was abandoned amid a page', async () => {
    restored = await oneAtATime();
    const { world, vendors } = restored;
    const [first] = vendors.sandboxes;
    const [number] = numbers(1) as [string];
    const template = await atFirst();
    await restored.hold(() => world.queue([number], template));
    await restored.backUp();
    await world.admin('POST', '/v1/admin/queue/resume');
    await world.settled();
    await restored.restore('unmarked');
    const takeIn = world.service.app.get(TakeInPlacedCall);
    const execute = takeIn.execute.bind(takeIn);
    let goOn: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (goOn = resolve));
    const results: Promise<unknown>[] = [];
    jest.spyOn(takeIn, 'execute').mockImplementation((...given) => {
      const result = released.then(() => execute(...given));
      results.push(result);
      return result;
    });
    await restored.mark();
    await waitFor(() => results.length > 0, 'a page is under way');
    await restored.abandon();
    first.order({ ...HELD, answer: { kind: 'hang-after' }, webhooks: { mode: 'lost' } });
    expect((await restored.resume()).status).toBe(200);
    await isDialled(number, 2);
    goOn();
    expect(await Promise.all(results)).toMatchObject([{ became: 'left' }]);
    expect(await attempts()).toMatchObject([{ state: expect.stringMatching(/placing|unknown/) }]);
    first.release();
  });

  it('are taken from a webhook while they wait, though the comparison is over', async () => {
    restored = await RestoredWorld.start();
    const { world, vendors } = restored;
    const [number, theirs] = numbers(2) as [string, string];
    let ids: string[] = [];
    const scheduledTime = new Date(Date.now() + 3_600_000).toISOString();
    await restored.hold(async () => (ids = await world.queue([number, theirs], { scheduledTime })));
    await restored.backUp();
    await restored.restore();
    await restored.resumed();
    await placeElsewhere(ids[0]!, number);
    await waitFor(async () => (await statusOf(ids[0]!)) === 'completed', 'the call is adopted', 30_000);
    await placeElsewhere(ids[1]!, number);
    await vendors.first.sandbox.waitFor(
      ({ webhooks }) => webhooks.length > 0 && webhooks.every(({ outcome }) => outcome === 'delivered'),
      30_000,
    );
    expect(await statusOf(ids[1]!)).toBe('queued');
    expect(await attempts()).toMatchObject([{ state: 'ended', claimed_by: 'restore' }]);
    const path = `/v1/webhooks/providers/${vendors.first.id}`;
    const message = { type: 'status-update', status: 'ringing', call: vendors.first.sandbox.calls[1] };
    expect((await send(`${world.service.url}${path}`, 'POST', { body: { message } })).status).toBe(401);
  });
});
