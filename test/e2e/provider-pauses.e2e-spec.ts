import { type Account, API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

let world: DispatchWorld;
afterEach(() => world.stop());

const path = (action = '') => `/v1/admin/providers/${world.account.id}${action && `/${action}`}`;
const pause = (body?: object) => world.admin('POST', path('pause'), body);
const resume = () => world.admin('POST', path('resume'));
const waiting = async () => (await world.admin('GET', '/v1/admin/queue')).waiting;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

async function addFallback(): Promise<Account> {
  const other = await world.addAccount('second', 2, 10);
  world.templateId = await world.addTemplate({
    assistantId: world.account.assistantIds[0],
    fallbackAssistantIds: [other.assistantIds[0]],
  });
  return other;
}

describe('a provider that is paused by hand', () => {
  it('gets no calls, finishes those under way, and the next provider takes over', async () => {
    world = await DispatchWorld.start();
    const other = await addFallback();
    const [held, next] = numbers(2) as [string, string];
    world.sandbox.order({ number: held, call: { holdsWhile: 'in-progress' } });
    const [underWay] = (await world.queue([held])) as [string];
    await world.callWhen(underWay, 'in-progress');
    expect(await pause()).toMatchObject({ suspension: { until: null, reason: null }, pausedUntil: null });
    const [diverted] = (await world.queue([next])) as [string];
    expect((await world.callWhen(diverted, 'completed')).providerId).toBe(other.id);
    await world.sandbox.waitFor((sandbox) => sandbox.calls[0]?.status === 'in-progress');
    world.sandbox.release(held);
    expect((await world.callWhen(underWay, 'completed')).providerId).toBe(world.account.id);
  });

  it('gets its calls as soon as it is resumed, without waiting for the schedule', async () => {
    world = await DispatchWorld.start({ environment: { DISPATCH_INTERVAL_MS: '3600000' } });
    await pause({ reason: 'The contract is renewed' });
    const [id] = (await world.queue(numbers(1))) as [string];
    await waitFor(async () => (await waiting()).length === 1, 'the call waits');
    expect(await waiting()).toEqual([
      { reason: 'provider_paused', providerId: world.account.id, calls: 1, until: null },
    ]);
    expect(await resume()).toMatchObject({ suspension: null, pauseReason: null });
    await world.callWhen(id, 'completed');
  });

  it('stays paused whatever its health does: no cooldown that ends, no accepted call and no new key resumes it', async () => {
    world = await DispatchWorld.start({ environment: { PROVIDER_COOLDOWN_MS: '50', DISPATCH_INTERVAL_MS: '50' } });
    const [held, refused] = numbers(2) as [string, string];
    world.sandbox.order({ number: held, answer: { kind: 'slow-answer', delayMs: 1_000 } });
    world.sandbox.order({ number: refused, answer: { kind: 'over-limit' } });
    const [accepted, again] = (await world.queue([held, refused])) as [string, string];
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length === 2);
    await pause({ reason: 'by hand' });
    expect((await world.callWhen(accepted, 'completed')).providerId).toBe(world.account.id);
    await world.admin('PATCH', path(), { credentials: { apiKey: API_KEY } });
    const over = `select from call_service_providers where coalesce(paused_until, '-infinity') < now()`;
    await waitFor(async () => (await world.database.query(over)).length === 1, 'the cooldown is over');
    expect(await world.admin('GET', path())).toMatchObject({
      suspension: { reason: 'by hand' },
      pauseReason: 'by hand',
    });
    expect((await world.call(again)).status).toBe('queued');
    await resume();
    await world.callWhen(again, 'completed');
  });

  it('goes on by itself at the named time', async () => {
    world = await DispatchWorld.start({ environment: { DISPATCH_INTERVAL_MS: '50' } });
    const until = inAnHour();
    expect(await pause({ until, reason: 'night' })).toMatchObject({
      pausedUntil: until,
      suspension: { since: expect.any(String), until, reason: 'night' },
    });
    expect((await world.admin('GET', '/v1/admin/queue')).providers[0]).toMatchObject({
      pausedUntil: until,
      pausedByHand: true,
    });
    const [id] = (await world.queue(numbers(1))) as [string];
    await waitFor(async () => (await waiting()).length === 1, 'the call waits');
    expect(await waiting()).toEqual([{ reason: 'provider_paused', providerId: world.account.id, calls: 1, until }]);
    expect((await world.call(id)).status).toBe('queued');
    await world.database.query(`update call_service_providers set suspended_until = now() - interval '1 second'`);
    await world.callWhen(id, 'completed');
    expect(await world.admin('GET', path())).toMatchObject({ suspension: null, pausedUntil: null, pauseReason: null });
  });

  it('takes another end and reason when it is paused again, and refuses an end that is over', async () => {
    world = await DispatchWorld.start();
    await pause({ until: inAnHour(), reason: 'one' });
    expect(await pause({ reason: 'two' })).toMatchObject({
      pausedUntil: null,
      suspension: { until: null, reason: 'two' },
    });
    for (const body of [{ until: '2020-01-01T00:00:00Z' }, { until: 'tomorrow' }, { reason: '' }, { colour: 'red' }]) {
      const answer = await world.service.request('POST', path('pause'), { token: world.adminToken, body });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    }
    expect(await world.admin('GET', path())).toMatchObject({ suspension: { reason: 'two' } });
  });

  it.each(['pause', 'resume'])('is a matter for administrators: %s', async (action) => {
    world = await DispatchWorld.start();
    const request = (token: string, id = world.account.id) =>
      world.service.request('POST', `/v1/admin/providers/${id}/${action}`, { token });
    expect((await request(world.userToken)).status).toBe(403);
    const nobody = await request(world.adminToken, '00000000-0000-4000-8000-000000000000');
    expect(nobody).toMatchObject({ status: 404, body: { code: 'providers.not_found' } });
    expect((await request(await world.service.token({ role: 'service_role' }))).status).toBe(200);
  });
});

describe('resuming', () => {
  it('ends an automatic pause, closes the breaker and forgets a lowered limit', async () => {
    world = await DispatchWorld.start();
    await world.database.query(
      `update call_service_providers
       set health = 'open', failures = 9, probe_at = now() + interval '1 hour', pauses = 4, pause_reason = 'no credit',
           paused_until = now() + interval '1 hour', lowered_limit = 1, limit_lowered_at = now()`,
    );
    expect(await world.admin('GET', path())).toMatchObject({
      health: 'open',
      pauseReason: 'no credit',
      effectiveLimit: 1,
    });
    expect(await resume()).toMatchObject({
      ...{ health: 'closed', pausedUntil: null, pauseReason: null, suspension: null },
      effectiveLimit: 10,
    });
    const [id] = (await world.queue(numbers(1))) as [string];
    await world.callWhen(id, 'completed');
  });
});
