import { DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

let world: DispatchWorld;
afterEach(() => world.stop());

const waiting = async () => (await world.admin('GET', '/v1/admin/queue')).waiting;
const change = (assignments: string) => world.database.query(`update call_service_providers set ${assignments}`);
const inAnHour = `now() + interval '1 hour'`;

describe('the queue tells why calls wait', () => {
  it.each([
    ['provider_paused', `paused_until = ${inAnHour}`, expect.any(String)],
    ['breaker_open', `health = 'open', probe_at = ${inAnHour}`, expect.any(String)],
    ['no_slot', 'concurrency_limit = 0', null],
  ])('%s', async (reason, state, until) => {
    world = await DispatchWorld.start();
    await change(state);
    await world.queue(numbers(3));
    expect(await waiting()).toEqual([{ reason, providerId: world.account.id, calls: 3, until }]);
    expect(world.sandbox.posts).toEqual([]);
  });

  it('no_number, and until when if they rest', async () => {
    world = await DispatchWorld.start();
    await world.database.query('update provider_phone_numbers set is_active = false');
    await world.queue(numbers(2));
    expect(await waiting()).toEqual([{ reason: 'no_number', providerId: world.account.id, calls: 2, until: null }]);
    await world.database.query(`update provider_phone_numbers set is_active = true, quarantined_until = ${inAnHour}`);
    expect(await waiting()).toMatchObject([{ reason: 'no_number', until: expect.any(String) }]);
  });

  it('no_assistant', async () => {
    world = await DispatchWorld.start();
    await world.database.query('update provider_assistants set is_active = false');
    await world.queue(numbers(2));
    expect(await waiting()).toEqual([{ reason: 'no_assistant', providerId: world.account.id, calls: 2, until: null }]);
  });

  it('provider_inactive', async () => {
    world = await DispatchWorld.start();
    await change('is_active = false');
    await world.queue(numbers(2));
    expect(await waiting()).toEqual([
      { reason: 'provider_inactive', providerId: world.account.id, calls: 2, until: null },
    ]);
  });

  it('no_slot while all of them are taken, counting only calls that are due', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 2 });
    world.sandbox.order({ times: 'always', call: { holdsWhile: 'in-progress' } });
    await world.queue(numbers(5));
    await world.queue(numbers(1, 9), { scheduledTime: new Date(Date.now() + 3_600_000).toISOString() });
    await world.sandbox.waitFor((sandbox) => sandbox.liveCalls === 2);
    expect(await waiting()).toEqual([{ reason: 'no_slot', providerId: world.account.id, calls: 3, until: null }]);
  });

  it('unreachable, for the calls that could not be placed a moment ago', async () => {
    world = await DispatchWorld.start();
    await world.sandbox.stop();
    await world.queue(numbers(2));
    const refused = `select from call_attempts where refusal = 'unreachable'`;
    await waitFor(async () => (await world.database.query(refused)).length === 2, 'both have been tried');
    expect(await waiting()).toEqual([{ reason: 'unreachable', providerId: world.account.id, calls: 2, until: null }]);
  });

  it('paused, and nothing else, while the queue is', async () => {
    world = await DispatchWorld.start();
    await change(`paused_until = ${inAnHour}`);
    await world.admin('POST', '/v1/admin/queue/pause');
    await world.queue(numbers(2));
    expect(await waiting()).toEqual([{ reason: 'paused', providerId: null, calls: 2, until: null }]);
  });

  it('of a call with several providers what keeps it from each, and of a pinned one from its own', async () => {
    world = await DispatchWorld.start();
    const other = await world.addAccount('second', 2, 5);
    const template = { assistantId: world.account.assistantIds[0], fallbackAssistantIds: [other.assistantIds[0]] };
    world.templateId = await world.addTemplate(template);
    await world.database.query('update call_service_providers set concurrency_limit = 0 where id = $1', [other.id]);
    await world.admin('POST', `/v1/admin/providers/${world.account.id}/pause`);
    await world.queue(numbers(2));
    const [recipientNumber] = numbers(1, 5);
    const body = { templateId: world.templateId, recipientNumber, providerId: other.id };
    await world.service.request('POST', '/v1/calls', { token: world.userToken, body });
    expect(await waiting()).toEqual([
      { reason: 'no_slot', providerId: other.id, calls: 3, until: null },
      { reason: 'provider_paused', providerId: world.account.id, calls: 2, until: null },
    ]);
  });

  it('even of a very long queue, in one line', async () => {
    world = await DispatchWorld.start();
    await world.admin('POST', `/v1/admin/providers/${world.account.id}/pause`);
    await world.database.query(
      `insert into call_queue (user_id, recipient_number, template_id)
       select $1, '+1202' || (2000000 + n), $2 from generate_series(1, 20000) as n`,
      [world.userId, world.templateId],
    );
    expect(await waiting()).toEqual([
      { reason: 'provider_paused', providerId: world.account.id, calls: 20_000, until: null },
    ]);
  });
});
