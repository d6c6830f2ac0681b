import type { FaultOrder } from '../../sandbox/vapi/faults';
import { type Account, DispatchWorld, numbers } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

const QUICK = { PROVIDER_COOLDOWN_MS: '200', DISPATCH_INTERVAL_MS: '100', RECONCILE_INTERVAL_MS: '100' };

jest.setTimeout(30_000);

let world: DispatchWorld;
afterEach(() => world.stop());

const attemptsOf = (callId: string) =>
  world.database.query<{ state: string; refusal: string | null; is_settled: boolean; provider_id: string }>(
    'select state, refusal, is_settled, provider_id from call_attempts where call_queue_id = $1 order by created_at',
    [callId],
  );
const usage = async () => (await world.service.request('GET', '/v1/usage', { token: world.userToken })).body;
const provider = async (account: Account) =>
  (await world.admin('GET', '/v1/admin/queue')).providers.find((one: { id: string }) => one.id === account.id);

/** Queues one call for which the stand-in has the given order. */
async function queueWith(order: Omit<FaultOrder, 'number'>): Promise<{ id: string; number: string }> {
  const [number] = numbers(1) as [string];
  world.sandbox.order({ number, ...order });
  const [id] = (await world.queue([number])) as [string];
  return { id, number };
}

/** A second account that can say the same template. */
async function addFallback(): Promise<Account> {
  const other = await world.addAccount('second', 2, 10);
  world.templateId = await world.addTemplate({
    assistantId: world.account.assistantIds[0],
    fallbackAssistantIds: [other.assistantIds[0]],
  });
  return other;
}

describe('a certain refusal', () => {
  it('for too many calls at once puts the call back to its place and cools the provider', async () => {
    world = await DispatchWorld.start({ environment: QUICK });
    const { id, number } = await queueWith({ answer: { kind: 'over-limit' } });
    await world.callWhen(id, 'completed');
    await world.measured();
    expect(await attemptsOf(id)).toMatchObject([
      { state: 'refused', refusal: 'concurrency', is_settled: true },
      { state: 'ended' },
    ]);
    expect(world.sandbox.dialsTo(number)).toBe(1);
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0, minutesReserved: 0 });
  });

  it('for too many requests pauses the provider until the vendor counts anew', async () => {
    world = await DispatchWorld.start();
    const { id } = await queueWith({ answer: { kind: 'rate-limit' } });
    await waitFor(async () => (await attemptsOf(id))[0]?.state === 'refused', 'the refusal is recorded');
    expect(await world.call(id)).toMatchObject({ status: 'queued', providerId: null, callId: null });
    expect((await provider(world.account)).pausedUntil).not.toBeNull();
    expect(await usage()).toMatchObject({ callsUsed: 0, callsReserved: 0, minutesReserved: 0 });
  });

  it('of an unreachable provider sends the call to the next one', async () => {
    world = await DispatchWorld.start({ environment: QUICK });
    const other = await addFallback();
    await world.sandbox.stop();
    const [id] = (await world.queue(numbers(1))) as [string];
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect(await attemptsOf(id)).toMatchObject([
      { state: 'refused', refusal: 'unreachable' },
      { state: 'ended', provider_id: other.id },
    ]);
  });

  it('of the account pauses the provider and sends the call to the next one', async () => {
    world = await DispatchWorld.start({ environment: QUICK });
    const other = await addFallback();
    const { id } = await queueWith({ answer: { kind: 'account', status: 402 } });
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect((await attemptsOf(id))[0]).toMatchObject({ state: 'refused', refusal: 'account' });
    expect((await provider(world.account)).pausedUntil).not.toBeNull();
  });

  it('of our number rests the number and takes the next one', async () => {
    world = await DispatchWorld.start({ environment: QUICK });
    const { id, number } = await queueWith({ answer: { kind: 'line', reason: 'daily-limit' } });
    await world.callWhen(id, 'completed');
    const [refused, placed] = world.sandbox.posts;
    expect(refused?.phoneNumberId).not.toBe(placed?.phoneNumberId);
    const resting = await world.database.query<{ phone_id: string }>(
      'select phone_id from provider_phone_numbers where quarantined_until > now()',
    );
    expect(resting).toEqual([{ phone_id: refused?.phoneNumberId }]);
    expect(world.sandbox.dialsTo(number)).toBe(1);
  });

  it.each([
    ['the assistant', { kind: 'unknown-assistant' }, 'refused'],
    ['the recipient', { kind: 'bad-destination' }, 'invalid_number'],
    ['the request', { kind: 'refusal', status: 400, message: 'property foo should not exist' }, 'refused'],
  ] as const)('of %s fails the call', async (_, answer, code) => {
    world = await DispatchWorld.start({ environment: QUICK });
    await addFallback();
    const { id } = await queueWith({ answer });
    expect((await world.callWhen(id, 'failed')).failure.code).toBe(code);
    expect(world.sandbox.posts).toHaveLength(1);
    expect(await usage()).toMatchObject({ callsUsed: 0, callsReserved: 0, minutesReserved: 0 });
  });

  it.each([
    ['call.start.error-subscription-concurrency-limit-reached', 'concurrency'],
    ['call.start.error-vapi-number-outbound-daily-limit', 'line'],
  ])('that comes after the acceptance as %s is treated the same', async (endedReason) => {
    world = await DispatchWorld.start({ environment: QUICK });
    const { id, number } = await queueWith({ call: { endsAtOnce: true, endedReason } });
    await world.callWhen(id, 'completed');
    expect(world.sandbox.posts.filter((post) => post.number === number)).toHaveLength(2);
    expect(world.sandbox.dialsTo(number)).toBe(1);
    await world.measured();
    expect(await usage()).toMatchObject({ callsUsed: 1, minutesReserved: 0 });
  });
});

describe('an unknown placement', () => {
  it.each([
    ['a server error', { kind: 'error-before' }],
    ['a connection that is cut', { kind: 'cut-before' }],
    ['an answer that never comes', { kind: 'hang-before' }],
    ['an empty answer', { kind: 'empty-answer' }],
  ] as const)('after %s keeps its slot and its reservation, and nobody is asked again', async (_, answer) => {
    world = await DispatchWorld.start({ environment: { PLACE_TIMEOUT_MS: '500' } });
    const other = await addFallback();
    const { id } = await queueWith({ answer, webhooks: { mode: 'lost' }, call: { holdsWhile: 'queued' } });
    await waitFor(async () => (await attemptsOf(id))[0]?.state === 'unknown', 'the placement is unknown');
    expect((await world.call(id)).status).toBe('in-progress');
    expect(await provider(world.account)).toMatchObject({ inUse: 1 });
    expect(await world.admin('GET', '/v1/admin/queue')).toMatchObject({ unknownPlacements: 1 });
    expect(await usage()).toMatchObject({ callsReserved: 1, minutesReserved: 2 });
    expect(world.sandbox.posts).toHaveLength(1);
    expect(other.sandbox.posts).toHaveLength(0);
  });

  it('is adopted when its webhook comes', async () => {
    world = await DispatchWorld.start();
    const { id, number } = await queueWith({ answer: { kind: 'lost-answer' } });
    await world.callWhen(id, 'completed');
    await world.measured();
    expect(await attemptsOf(id)).toMatchObject([{ state: 'ended', is_settled: true }]);
    expect(world.sandbox.dialsTo(number)).toBe(1);
  });

  it('is found by its attempt id when no webhook comes', async () => {
    world = await DispatchWorld.start({ environment: { ...QUICK, POLL_SILENT_AFTER_MS: '100' } });
    const { id, number } = await queueWith({ answer: { kind: 'lost-answer' }, webhooks: { mode: 'lost' } });
    const call = await world.callWhen(id, 'completed');
    expect(call.callId).toBe(world.sandbox.calls[0]?.id);
    expect(world.sandbox.dialsTo(number)).toBe(1);
  });

  it('that is never proven fails without a redial and gives its reservation back', async () => {
    world = await DispatchWorld.start({ environment: { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '500' } });
    const { id } = await queueWith({ answer: { kind: 'error-before' } });
    expect((await world.callWhen(id, 'failed')).failure.code).toBe('placement_unknown');
    expect(world.sandbox.posts).toHaveLength(1);
    expect(await usage()).toMatchObject({ callsUsed: 0, callsReserved: 0, minutesReserved: 0 });
    const retry = await world.service.request('POST', `/v1/calls/${id}/retry`, { token: world.userToken });
    expect(retry.status).toBe(201);
    await world.callWhen(retry.body.id as string, 'completed');
  });

  it('is redialled only where the operator has chosen so', async () => {
    const environment = { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '500', UNKNOWN_PLACEMENT_POLICY: 'redial' };
    world = await DispatchWorld.start({ environment });
    const { id } = await queueWith({ answer: { kind: 'error-before' } });
    await world.callWhen(id, 'completed');
    expect(world.sandbox.posts).toHaveLength(2);
  });

  it('that was given up is corrected by late proof: state, history and usage', async () => {
    world = await DispatchWorld.start({ environment: { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '500' } });
    const order = {
      answer: { kind: 'lost-answer' },
      call: { holdsWhile: 'in-progress', hiddenForMs: 3_600_000 },
      webhooks: { mode: 'lost' },
    } as const;
    const { id, number } = await queueWith(order);
    expect((await world.callWhen(id, 'failed')).failure.code).toBe('placement_unknown');
    world.sandbox.release(number);
    const proof = world.sandbox.calls[0]!;
    await world.sandbox.waitFor(() => proof.status === 'ended');
    world.sandbox.repeatWebhooks(proof.id);
    expect(await world.callWhen(id, 'completed')).toMatchObject({ callId: proof.id, failure: null });
    await world.measured();
    expect(await usage()).toMatchObject({ callsReserved: 0, minutesUsed: 1 });
    const history = await world.service.request('GET', '/v1/call-history', { token: world.userToken });
    expect(history.body.items).toMatchObject([{ callQueueId: id, status: 'completed' }]);
  });
});

describe('webhooks', () => {
  it.each(['early', 'repeated', 'reordered', 'late'] as const)('that come %s lead to the same end', async (mode) => {
    world = await DispatchWorld.start();
    const { id, number } = await queueWith({ webhooks: { mode, delayMs: 200 } });
    await world.callWhen(id, 'completed');
    await world.measured();
    await world.sandbox.waitFor((sandbox) => sandbox.webhooks.every((webhook) => webhook.outcome !== 'sending'));
    expect(await attemptsOf(id)).toMatchObject([{ state: 'ended', is_settled: true }]);
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0, minutesUsed: 1, minutesReserved: 0 });
    expect(world.sandbox.dialsTo(number)).toBe(1);
    const entries = await world.service.request('GET', '/v1/usage/entries', { token: world.userToken });
    expect(entries.body.items).toHaveLength(2);
  });

  it('that are lost are made up for by asking the vendor', async () => {
    world = await DispatchWorld.start({ environment: { ...QUICK, POLL_SILENT_AFTER_MS: '200' } });
    const { id } = await queueWith({ webhooks: { mode: 'lost' } });
    await world.callWhen(id, 'completed');
    await world.measured();
  });

  it('free the slot at the end of the call and settle it when the connected time is told', async () => {
    world = await DispatchWorld.start();
    const { id } = await queueWith({ webhooks: { mode: 'lost', only: 'end-of-call-report' } });
    await world.callWhen(id, 'completed');
    expect(await provider(world.account)).toMatchObject({ inUse: 0 });
    expect(await usage()).toMatchObject({ callsUsed: 0, callsReserved: 1, minutesReserved: 2 });
    world.sandbox.repeatWebhooks(world.sandbox.calls[0]!.id);
    await world.measured();
    expect(await usage()).toMatchObject({ callsReserved: 0, minutesUsed: 1, minutesReserved: 0 });
  });

  it('are refused without the secret, for unknown providers, and ignored for calls of others', async () => {
    world = await DispatchWorld.start();
    const body = {
      message: { type: 'status-update', status: 'ended', endedReason: 'customer-ended-call', call: { id: 'x' } },
    };
    const path = `/v1/webhooks/providers/${world.account.id}`;
    expect(await world.service.request('POST', path, { body })).toMatchObject({
      status: 401,
      body: { code: 'webhooks.unauthenticated' },
    });
    const wrong = { 'x-vapi-secret': 'wrong' };
    expect(await world.service.request('POST', path, { body, headers: wrong })).toMatchObject({ status: 401 });
    const nowhere = '/v1/webhooks/providers/00000000-0000-4000-8000-00000000dead';
    expect(await world.service.request('POST', nowhere, { body })).toMatchObject({ status: 404 });
    await world.queue(numbers(1));
    await world.settled();
    const sent = world.sandbox.posts[0]?.body as {
      assistantOverrides: { server: { headers: Record<string, string> } };
    };
    const headers = { 'x-vapi-secret': sent.assistantOverrides.server.headers['X-Vapi-Secret']! };
    expect(await world.service.request('POST', path, { body, headers })).toMatchObject({ status: 200, body: {} });
  });
});

describe('canceling', () => {
  it('a call in progress hangs it up at the provider', async () => {
    world = await DispatchWorld.start();
    const { id } = await queueWith({ call: { holdsWhile: 'in-progress' } });
    await world.sandbox.waitFor((sandbox) => sandbox.calls[0]?.status === 'in-progress');
    const answer = await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    expect(answer.status).toBe(202);
    await world.callWhen(id, 'canceled');
    expect(world.sandbox.calls[0]?.status).toBe('ended');
  });

  it('a call that is being placed hangs it up as soon as the provider knows it', async () => {
    world = await DispatchWorld.start();
    const { id } = await queueWith({
      answer: { kind: 'slow-answer', delayMs: 500 },
      call: { holdsWhile: 'in-progress' },
      webhooks: { mode: 'late', delayMs: 2_000 },
    });
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length === 1);
    const answer = await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    expect(answer).toMatchObject({ status: 202, body: { status: 'in-progress' } });
    await world.callWhen(id, 'canceled');
  });

  it('a refused call does not go back to the queue', async () => {
    world = await DispatchWorld.start({ environment: QUICK });
    const [number] = numbers(1) as [string];
    world.sandbox.order({ number, answer: { kind: 'slow-answer', delayMs: 300 } });
    world.sandbox.order({ number, answer: { kind: 'over-limit' } });
    await world.database.query(`update dispatch_control set is_paused = true`);
    const [id] = (await world.queue([number])) as [string];
    const answer = await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    expect(answer).toMatchObject({ status: 200, body: { status: 'canceled' } });
    await world.admin('POST', '/v1/admin/queue/resume');
    expect(world.sandbox.posts).toHaveLength(0);
  });
});

describe('shutting down', () => {
  it('records placements under way and claims nothing more', async () => {
    world = await DispatchWorld.start({ concurrencyLimit: 1 });
    world.sandbox.order({
      times: 'always',
      answer: { kind: 'slow-answer', delayMs: 500 },
      call: { holdsWhile: 'queued' },
    });
    const [first, second] = (await world.queue(numbers(2))) as [string, string];
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length === 1);
    await world.service.app.close();
    expect(await attemptsOf(first)).toMatchObject([{ state: 'placed' }]);
    expect(await attemptsOf(second)).toEqual([]);
  });
});
