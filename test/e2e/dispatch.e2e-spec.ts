import { DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(30_000);

let world: DispatchWorld;
afterEach(() => world.stop());

const holdEveryCall = () => world.sandbox.order({ times: 'always', call: { holdsWhile: 'in-progress' } });
const inProgress = () => world.sandbox.calls.filter((call) => call.status === 'in-progress').length;

describe('dispatch', () => {
  it('places a queued call and brings back its transcript, its history and its usage', async () => {
    world = await DispatchWorld.start();
    const [number] = numbers(1) as [string];
    world.sandbox.order({
      number,
      call: { durationSeconds: 61, endedReason: 'customer-ended-call', transcript: 'AI: Hello!\nUser: Hi.' },
    });
    const [id] = (await world.queue([number])) as [string];
    const call = await world.callWhen(id, 'completed');
    expect(call).toMatchObject({ recipientNumber: number, providerId: world.account.id, failure: null });
    expect(call.callId).toBe(world.sandbox.calls[0]?.id);
    expect(call.attempts).toEqual([
      expect.objectContaining({ state: 'ended', outcome: 'completed', callId: call.callId }),
    ]);

    const settled = async () => (await world.service.request('GET', '/v1/usage', { token: world.userToken })).body;
    await waitFor(async () => (await settled()).minutesUsed === 2, 'the usage is settled');
    expect(await settled()).toMatchObject({ callsUsed: 1, callsReserved: 0, minutesUsed: 2, minutesReserved: 0 });

    const history = await world.service.request('GET', '/v1/call-history', { token: world.userToken });
    expect(history.body.items).toEqual([
      expect.objectContaining({
        callQueueId: id,
        status: 'completed',
        outcome: 'completed',
        endedReason: 'customer-ended-call',
        transcript: 'AI: Hello!\nUser: Hi.',
        durationSeconds: 61,
      }),
    ]);
    expect(history.body.items[0].cost.amount).toBeGreaterThan(0);
    const entries = await world.service.request('GET', '/v1/usage/entries', { token: world.userToken });
    expect(entries.body.items.map((entry: { kind: string }) => entry.kind)).toEqual(['settle', 'reserve']);
  });

  it('places calls in their order, never more than the cap at once, and the next one as soon as a slot is free', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 10 });
    holdEveryCall();
    const queued = numbers(30);
    await world.queue(queued);
    await world.sandbox.waitFor((sandbox) => sandbox.liveCalls === 10 && inProgress() === 10);
    expect(world.sandbox.posts).toHaveLength(10);

    for (const number of queued.slice(0, 20)) {
      const before = world.sandbox.posts.length;
      world.sandbox.release(number);
      await world.sandbox.waitFor((sandbox) => sandbox.posts.length === before + 1);
      await world.sandbox.waitFor(() => inProgress() === 10);
    }
    const dialled = world.sandbox.posts.map((post) => post.number);
    expect(new Set(dialled.slice(0, 10))).toEqual(new Set(queued.slice(0, 10)));
    expect(dialled.slice(10)).toEqual(queued.slice(10));
    expect(world.sandbox.maxLiveCalls).toBe(10);
  });

  it('posts a full batch at the same time', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 10 });
    world.sandbox.order({ times: 10, answer: { kind: 'hang-after' } });
    await world.queue(numbers(10));
    await world.sandbox.waitFor((sandbox) => sandbox.maxPostsInFlight === 10);
    expect(world.sandbox.posts).toHaveLength(10);
  });

  it('dials every number once when two instances share 500 calls', async () => {
    world = await DispatchWorld.start({ instances: 2, concurrencyLimit: 25 });
    const queued = numbers(500);
    await world.queue(queued);
    await world.settled(150_000);
    expect(world.sandbox.posts.map((post) => post.number).sort()).toEqual([...queued].sort());
    expect(world.sandbox.maxLiveCalls).toBeLessThanOrEqual(25);
    const instances = await world.database.query('select distinct claimed_by from call_attempts');
    expect(instances.length).toBe(2);
  }, 180_000);

  it('does not let a saturated provider hold up calls that another can take', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 1 });
    const other = await world.addAccount('second', 2, 5);
    const elsewhere = await world.addTemplate({ assistantId: other.assistantIds[0] });
    holdEveryCall();
    const [full, waiting] = (await world.queue(numbers(2))) as [string, string];
    await world.callWhen(full, 'in-progress');
    const [served] = (await world.queue(numbers(1, 10), { templateId: elsewhere })) as [string];
    await world.callWhen(served, 'completed');
    expect((await world.call(waiting)).status).toBe('queued');
  });

  it('uses the next provider in priority when the first is full', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 1 });
    const other = await world.addAccount('second', 2, 5);
    const both = await world.addTemplate({
      assistantId: world.account.assistantIds[0],
      fallbackAssistantIds: [other.assistantIds[0]],
    });
    holdEveryCall();
    const [first, second] = (await world.queue(numbers(2), { templateId: both })) as [string, string];
    expect((await world.callWhen(second, 'completed')).providerId).toBe(other.id);
    expect((await world.call(first)).providerId).toBe(world.account.id);
  });

  it('sends a call that is due now, and leaves one of the far future alone', async () => {
    world = await DispatchWorld.start();
    const [later, now] = numbers(2) as [string, string];
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const [scheduled] = (await world.queue([later], { scheduledTime: tomorrow })) as [string];
    const [due] = (await world.queue([now])) as [string];
    await world.callWhen(due, 'completed');
    expect((await world.call(scheduled)).status).toBe('queued');
    expect(world.sandbox.posts.map((post) => post.number)).toEqual([now]);
  });

  it('sends a scheduled call at its time, without waiting for the next tick', async () => {
    world = await DispatchWorld.start();
    const at = new Date(Date.now() + 1_500);
    const [id] = (await world.queue(numbers(1), { scheduledTime: at.toISOString() })) as [string];
    await world.callWhen(id, 'completed');
    const [attempt] = await world.database.query<{ early: boolean }>(
      'select created_at < $2 as early from call_attempts where call_queue_id = $1',
      [id, at],
    );
    expect(attempt).toEqual({ early: false });
  });

  it('dispatches what a user inserts straight into the table, and fails what turns out to be hopeless', async () => {
    world = await DispatchWorld.start();
    const withVariables = await world.addTemplate({
      assistantId: world.account.assistantIds[0],
      params: { customerName: { type: 'string', required: true } },
      paramsOrder: ['customerName'],
    });
    const [good, bad] = numbers(2) as [string, string];
    const insert = `insert into call_queue (user_id, recipient_number, template_id, custom_variables) values ($1, $2, $3, $4) returning id`;
    const rows = [
      await world.database.query<{ id: string }>(insert, [world.userId, good, withVariables, { customerName: 'Ada' }]),
      await world.database.query<{ id: string }>(insert, [
        world.userId,
        bad,
        withVariables,
        { customerName: 7, more: 1 },
      ]),
      await world.database.query<{ id: string }>(insert, [
        world.userId,
        '+10000000000',
        withVariables,
        { customerName: 'Ada' },
      ]),
    ].flat();
    await world.settled();
    expect((await world.call(rows[0]!.id)).status).toBe('completed');
    expect((await world.call(rows[1]!.id)).failure.code).toBe('invalid_variables');
    expect((await world.call(rows[2]!.id)).failure.code).toBe('invalid_number');
    expect(world.sandbox.posts.map((post) => post.number)).toEqual([good]);
    expect(JSON.stringify(world.sandbox.posts[0]?.body)).toContain('Ada');
  });

  it('fails calls whose template or every provider is gone, and keeps calls waiting for a paused one', async () => {
    world = await DispatchWorld.start();
    await world.admin('POST', '/v1/admin/queue/pause');
    const gone = await world.addTemplate({ assistantId: world.account.assistantIds[0] });
    const nowhere = await world.addTemplate({ assistantId: null });
    const [templateGone] = (await world.queue(numbers(1), { templateId: gone })) as [string];
    const [noProvider] = (await world.queue(numbers(1, 1), { templateId: nowhere })) as [string];
    const [fine] = (await world.queue(numbers(1, 3))) as [string];
    await world.database.query('delete from call_templates where id = $1', [gone]);
    await world.database.query(`update call_service_providers set paused_until = now() + interval '1 hour'`);
    await world.admin('POST', '/v1/admin/queue/resume');
    expect((await world.callWhen(templateGone, 'failed')).failure.code).toBe('template_gone');
    expect((await world.callWhen(noProvider, 'failed')).failure.code).toBe('no_provider');
    expect((await world.call(fine)).status).toBe('queued');
    expect(world.sandbox.posts).toHaveLength(0);
  });

  it('fails calls of a user who has become inactive', async () => {
    world = await DispatchWorld.start();
    await world.admin('POST', '/v1/admin/queue/pause');
    const [id] = (await world.queue(numbers(1))) as [string];
    await world.database.query(`update user_profiles set status = 'inactive' where id = $1`, [world.userId]);
    await world.admin('POST', '/v1/admin/queue/resume');
    expect((await world.callWhen(id, 'failed')).failure.code).toBe('user_inactive');
    expect(world.sandbox.posts).toHaveLength(0);
  });

  it('lets no row that a user has made keep the calls of others from going out', async () => {
    world = await DispatchWorld.start();
    const stranger = await world.addUser('enterprise');
    const template = `insert into call_templates (name, created_by, assistant_id, params) values ('odd', $1, $2, $3) returning id`;
    const odd = [
      { name: { type: { toString: 1 } } },
      { name: { type: 'string', enum: [{ toString: 1 }] } },
      { name: null },
    ];
    for (const params of odd) {
      const owner = [stranger.userId, world.account.assistantIds[0], JSON.stringify(params)];
      const [{ id }] = (await world.database.query<{ id: string }>(template, owner)) as [{ id: string }];
      await world.database.query(
        `insert into call_queue (user_id, recipient_number, template_id, custom_variables) values ($1, '+12025550123', $2, '{"name": "x"}')`,
        [stranger.userId, id],
      );
    }
    const [fine] = (await world.queue(numbers(1))) as [string];
    await world.callWhen(fine, 'completed');
    await world.settled();
    const codes = await world.database.query('select distinct failure_code from call_queue where user_id = $1', [
      stranger.userId,
    ]);
    expect(codes).toEqual([{ failure_code: 'invalid_variables' }]);
  });

  it('never takes a call that still has an attempt under way, whoever put it back to the queue', async () => {
    world = await DispatchWorld.start();
    holdEveryCall();
    const [held] = (await world.queue(numbers(1))) as [string];
    await world.sandbox.waitFor(() => inProgress() === 1);
    await world.database.query(`update call_queue set status = 'queued' where id = $1`, [held]);
    await world.queue(numbers(1, 1));
    await world.sandbox.waitFor(() => inProgress() === 2);
    expect(world.sandbox.dialsTo(numbers(1)[0]!)).toBe(1);
  });

  it('keeps calls waiting for a provider that is switched off, and sends them when it is on again', async () => {
    world = await DispatchWorld.start();
    const switchTo = (isActive: boolean) =>
      world.admin('PATCH', `/v1/admin/providers/${world.account.id}`, { isActive });
    await switchTo(false);
    const [id] = (await world.queue(numbers(1))) as [string];
    const { body } = await world.service.request('POST', '/v1/calls', {
      token: world.userToken,
      body: { templateId: world.templateId, recipientNumber: numbers(1, 1)[0], providerId: world.account.id },
    });
    expect(body.code).toBe('calls.provider_unavailable');
    await switchTo(true);
    await world.queue(numbers(1, 2));
    await world.callWhen(id, 'completed');
  });

  it('claims nothing while the queue is paused', async () => {
    world = await DispatchWorld.start();
    await world.admin('POST', '/v1/admin/queue/pause');
    const [id] = (await world.queue(numbers(1))) as [string];
    await waitFor(async () => (await world.admin('GET', '/v1/admin/queue')).due === 1, 'the call is due');
    expect(await world.admin('GET', '/v1/admin/queue')).toMatchObject({
      paused: true,
      queued: 1,
      due: 1,
      inProgress: 0,
    });
    await world.admin('POST', '/v1/admin/queue/resume');
    await world.callWhen(id, 'completed');
  });
});

describe('the allowance', () => {
  const insertTen = (userId: string) =>
    world.database.query(
      `insert into call_queue (user_id, recipient_number, template_id)
       select $1, '+1202300' || lpad(n::text, 4, '0'), $2 from generate_series(1, 10) as n`,
      [userId, world.templateId],
    );

  it('places one of ten calls that two instances claim for the last call of an allowance', async () => {
    world = await DispatchWorld.start({ instances: 2 });
    const { userId } = await world.addUser('enterprise');
    await world.setLimits(userId, 1, 100);
    await insertTen(userId);
    await world.settled();
    const calls = await world.database.query(
      'select status, failure_code, count(*)::int from call_queue group by 1, 2 order by 1',
    );
    expect(calls).toEqual([
      { status: expect.stringMatching(/completed|failed/), failure_code: null, count: 1 },
      { status: 'failed', failure_code: 'quota_exceeded', count: 9 },
    ]);
    expect(world.sandbox.posts).toHaveLength(1);
    await ledgerAddsUp(userId, 1);
  });

  it('places what fits the last minutes, and tells the vendor how long the call may last', async () => {
    world = await DispatchWorld.start({ instances: 2 });
    const { userId } = await world.addUser('enterprise');
    await world.setLimits(userId, 100, 3);
    world.sandbox.order({ times: 'always', call: { endedReason: 'customer-ended-call', durationSeconds: 500 } });
    await insertTen(userId);
    await world.settled();
    const told = world.sandbox.posts.map(
      ({ body }) =>
        (body as { assistantOverrides: { maxDurationSeconds: number } }).assistantOverrides.maxDurationSeconds,
    );
    expect(told.sort()).toEqual([120, 60]);
    const failed = await world.database.query(`select from call_queue where failure_code = 'quota_exceeded'`);
    expect(failed).toHaveLength(8);
    await ledgerAddsUp(userId, 2, 3);
  });

  async function ledgerAddsUp(userId: string, calls: number, minutes?: number): Promise<void> {
    const totals = async () =>
      (
        await world.database.query<Record<string, number>>(
          `select usage.calls_used, usage.minutes_used, usage.calls_reserved, usage.minutes_reserved,
                  sum(line.calls) filter (where line.kind in ('settle', 'adjust'))::int as calls,
                  sum(line.minutes) filter (where line.kind in ('settle', 'adjust'))::int as minutes,
                  sum(line.reserved_calls)::int as reserved_calls, sum(line.reserved_minutes)::int as reserved_minutes
             from user_call_usage as usage join usage_ledger_entries as line on line.usage_id = usage.id
            where usage.user_id = $1 group by usage.id`,
          [userId],
        )
      )[0]!;
    await waitFor(async () => (await totals())['calls_reserved'] === 0, 'everything is settled');
    const sums = await totals();
    expect(sums).toMatchObject({ calls_used: calls, calls: sums['calls_used'], minutes: sums['minutes_used'] });
    expect(sums).toMatchObject({ minutes_reserved: 0, reserved_calls: 0, reserved_minutes: 0 });
    if (minutes !== undefined) expect(sums['minutes_used']).toBe(minutes);
  }
});
