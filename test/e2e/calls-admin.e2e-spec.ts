import { Client } from 'pg';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

describe('administration of calls', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let admin: TestUser;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    admin = await world.user({ admin: true });
    templateId = await world.template(user, { isPublic: true });
  });
  afterAll(() => service.stop());

  it('shows an empty queue', async () => {
    const answer = await admin.request('GET', '/v1/admin/queue');
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        paused: true,
        queued: 0,
        due: 0,
        oldestDueSeconds: null,
        inProgress: 0,
        unknownPlacements: 0,
        waiting: [],
        providers: [],
      },
    ]);
  });

  it('counts what waits, what is due, what goes on and what is unknown', async () => {
    const [busy, idle] = [await world.provider({ priority: 1 }), await world.provider({ priority: 2 })];
    await service.database.query(
      `insert into call_queue (user_id, recipient_number, template_id, created_at, scheduled_time) values
         ($1, '+12025550123', $2, now() - interval '100 seconds', null),
         ($1, '+12025550123', $2, now() - interval '50 seconds', null),
         ($1, '+12025550123', $2, now(), now() + interval '1 hour')`,
      [user.id, templateId],
    );
    for (const state of ['placing', 'placed', 'unknown']) {
      await world.attempt(await world.call(user, templateId), busy, state);
    }
    await world.attempt(await world.call(user, templateId), busy, 'ended');
    const { body } = await admin.request('GET', '/v1/admin/queue');
    expect(body).toMatchObject({ queued: 3, due: 2, inProgress: 4, unknownPlacements: 1 });
    expect(body.oldestDueSeconds).toBeGreaterThanOrEqual(100);
    expect(body.providers).toEqual([
      {
        id: busy.id,
        name: expect.any(String),
        priority: 1,
        concurrencyLimit: 10,
        inUse: 3,
        health: 'closed',
        pausedUntil: null,
        pausedByHand: false,
        effectiveLimit: 10,
      },
      expect.objectContaining({ id: idle.id, inUse: 0 }),
    ]);
  });

  it('pauses, and wakes dispatchers when it resumes', async () => {
    const isPaused = async () =>
      (await service.database.query('select is_paused from dispatch_control'))[0]?.['is_paused'];
    const listener = new Client({ connectionString: service.database.superuserUrl });
    await listener.connect();
    const notes: string[] = [];
    listener.on('notification', ({ channel }) => notes.push(channel));
    await listener.query('listen ringonce_calls');
    // Nothing is left to claim, so that resuming shows nothing but itself.
    await service.database.query(`update call_queue set status = 'canceled' where status = 'queued'`);
    const resumed = await admin.request('POST', '/v1/admin/queue/resume');
    expect([resumed.status, resumed.body.paused, await isPaused()]).toEqual([200, false, false]);
    await waitFor(() => notes.includes('ringonce_calls'), 'dispatchers are woken');
    const paused = await admin.request('POST', '/v1/admin/queue/pause');
    expect([paused.status, paused.body.paused, await isPaused()]).toEqual([200, true, true]);
    expect(Object.keys(paused.body)).toEqual(Object.keys(resumed.body));
    await listener.end();
  });

  it("lists every user's calls, or one user's, or those of a status", async () => {
    const other = await world.subscribedUser();
    const mine = await world.call(user, templateId);
    const theirs = await world.call(other, templateId);
    await world.setStatus(theirs, 'failed', 'busy');
    const list = async (query = '') =>
      (await admin.request('GET', `/v1/admin/calls?limit=2${query}`)).body.items as { id: string; userId: string }[];
    expect((await list()).map(({ id, userId }) => [id, userId])).toEqual([
      [theirs, other.id],
      [mine, user.id],
    ]);
    expect((await list(`&userId=${other.id}`)).map(({ id }) => id)).toEqual([theirs]);
    expect((await list(`&userId=${other.id}&status=queued`)).map(({ id }) => id)).toEqual([]);
    const token = await service.token({ role: 'service_role' });
    const answer = await service.request('GET', '/v1/admin/calls?status=failed', { token });
    expect(answer.body.items).toMatchObject([{ id: theirs, failure: { code: 'busy', detail: 'busy' } }]);
  });

  it.each([
    ['GET', '/v1/admin/queue'],
    ['POST', '/v1/admin/queue/pause'],
    ['POST', '/v1/admin/queue/resume'],
    ['POST', '/v1/admin/queue/stop'],
    ['GET', '/v1/admin/calls'],
  ])('refuses %s %s to users and strangers', async (method, path) => {
    const refused = await user.request(method, path);
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.forbidden']);
    const anonymous = await service.request(method, path);
    expect([anonymous.status, anonymous.body.code]).toEqual([401, 'auth.unauthenticated']);
  });

  it('describes every route for calls, with examples of what is sent and answered', async () => {
    const { body } = await service.request('GET', '/openapi.json');
    const paths = Object.entries<Record<string, { summary?: string }>>(body.paths).filter(([path]) =>
      /^\/v1\/(calls|call-|admin\/(calls|queue))/.test(path),
    );
    expect(paths.map(([path, item]) => `${Object.keys(item).join(' ')} ${path}`).sort()).toEqual(
      [
        'get /v1/admin/calls',
        'get /v1/admin/queue',
        'get /v1/call-history',
        'get /v1/call-history/{id}',
        'get /v1/calls/{id}',
        'post /v1/admin/queue/pause',
        'post /v1/admin/queue/resume',
        'post /v1/admin/queue/stop',
        'post /v1/calls/batch',
        'post /v1/calls/{id}/cancel',
        'post /v1/calls/{id}/retry',
        'post get /v1/call-templates',
        'post get /v1/calls',
        'patch delete get /v1/call-templates/{id}',
      ].sort(),
    );
    for (const [, item] of paths) for (const operation of Object.values(item)) expect(operation.summary).toBeTruthy();
    const bare = [
      'PlaceCall',
      'PlaceCalls',
      'NewTemplate',
      'ChangeTemplate',
      'Template',
      'Call',
      'CallWithAttempts',
      'Batch',
      'CallRecord',
      'Queue',
    ].filter((name) => !body.components.schemas[name]?.example);
    expect(bare).toEqual([]);
  });
});
