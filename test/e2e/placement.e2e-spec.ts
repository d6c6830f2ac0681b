import type { FaultOrder } from '../../sandbox/vapi/faults';
import type { PreparedAttempt } from '../../src/modules/calls/application/prepare-attempts';
import { HangUpCall } from '../../src/modules/calls/application/hang-up-call';
import { FinishCalls } from '../../src/modules/calls/application/finish-calls';
import { ReconcileCalls } from '../../src/modules/calls/application/reconcile-calls';
import { RecordPlacement } from '../../src/modules/calls/application/record-placement';
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

/** A webhook of our own about a call of the stand-in, with the secret that the first placement gave it. */
function tellOf({ id, attemptId }: { readonly id: string; readonly attemptId?: string | undefined }, message: object) {
  const { server } = (
    world.sandbox.posts[0]?.body as { assistantOverrides: { server: { headers: Record<string, string> } } }
  ).assistantOverrides;
  return world.service.request('POST', `/v1/webhooks/providers/${world.account.id}`, {
    headers: { 'x-vapi-secret': server.headers['X-Vapi-Secret']! },
    body: { message: { call: { id, assistantOverrides: { metadata: { attemptId } } }, ...message } },
  });
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

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `7d4a2f10-0000-4000-8000-0000000001${String(index).padStart(2, '0')}`,
    provider: 'twilio' as const,
    number: `+120255502${String(index).padStart(2, '0')}`,
  }));

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

  it('of credentials that cannot be read pauses the provider, and the next one takes over', async () => {
    world = await DispatchWorld.start();
    const other = await addFallback();
    await world.database.query(
      `update call_service_providers set api_credentials = (select api_credentials from call_service_providers where id = $2) where id = $1`,
      [world.account.id, other.id],
    );
    const [id] = (await world.queue(numbers(1))) as [string];
    expect((await world.callWhen(id, 'completed')).providerId).toBe(other.id);
    expect(await attemptsOf(id)).toHaveLength(1);
    expect((await provider(world.account)).pausedUntil).not.toBeNull();
  });

  it('of one recipient by every number does not take all numbers away from others', async () => {
    world = await DispatchWorld.start({ environment: QUICK, sandbox: { phoneNumbers: lines(5) } });
    world.sandbox.order({ number: numbers(1)[0]!, times: 'always', answer: { kind: 'line', reason: 'daily-limit' } });
    const [id, fine] = (await world.queue(numbers(2))) as [string, string];
    expect((await world.callWhen(id, 'failed')).failure.code).toBe('refused');
    await world.callWhen(fine, 'completed');
    expect(await attemptsOf(id)).toHaveLength(3);
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

  it('is looked for before it is given up, however long nobody was there to look', async () => {
    const environment = { ...QUICK, RECONCILE_INTERVAL_MS: '60000', UNKNOWN_RESOLVE_AFTER_MS: '500' };
    world = await DispatchWorld.start({ environment });
    const { id, number } = await queueWith({ answer: { kind: 'lost-answer' }, webhooks: { mode: 'lost' } });
    await waitFor(async () => (await attemptsOf(id))[0]?.state === 'unknown', 'the placement is unknown');
    await world.database.query(`update call_attempts set created_at = created_at - interval '4 minutes'`);
    // The round that looks and the one that gives up may come in either order.
    await world.service.app.get(FinishCalls, { strict: false }).execute();
    expect(await world.call(id)).toMatchObject({ status: 'in-progress' });
    await world.service.app.get(ReconcileCalls, { strict: false }).execute();
    await world.callWhen(id, 'completed');
    expect(world.sandbox.dialsTo(number)).toBe(1);
  });

  it('is redialled only where the operator has chosen so', async () => {
    const environment = { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '500', UNKNOWN_PLACEMENT_POLICY: 'redial' };
    world = await DispatchWorld.start({ environment });
    const { id } = await queueWith({ answer: { kind: 'error-before' } });
    await world.callWhen(id, 'completed');
    expect(world.sandbox.posts).toHaveLength(2);
  });

  /** A call that goes on at its vendor, was canceled by its user, and given up before anybody could prove it. */
  async function canceledUnproven(): Promise<{ readonly id: string; readonly number: string }> {
    world = await DispatchWorld.start({ environment: { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '1000' } });
    const call = { holdsWhile: 'in-progress', hiddenForMs: 3_600_000 } as const;
    const queued = await queueWith({ answer: { kind: 'lost-answer' }, call, webhooks: { mode: 'lost' } });
    await waitFor(async () => (await attemptsOf(queued.id))[0]?.state === 'unknown', 'the placement is unknown');
    await world.service.request('POST', `/v1/calls/${queued.id}/cancel`, { token: world.userToken });
    await world.callWhen(queued.id, 'canceled');
    return queued;
  }

  it('that was given up after its user had canceled it is still written down and charged, in however many messages', async () => {
    const { id, number } = await canceledUnproven();
    const proof = world.sandbox.calls[0]!;
    expect((await tellOf(proof, { type: 'status-update', status: 'in-progress' })).status).toBe(200);
    world.sandbox.release(number);
    await world.sandbox.waitFor(() => proof.status === 'ended');
    world.sandbox.repeatWebhooks(proof.id);
    await waitFor(async () => (await usage()).callsUsed === 1, 'the call is charged');
    expect(await world.call(id)).toMatchObject({ status: 'canceled' });
    const history = await world.service.request('GET', '/v1/call-history', { token: world.userToken });
    expect(history.body.items).toMatchObject([{ callQueueId: id, status: 'completed' }]);
  });

  it('that was given up after its user had canceled it is under way again once it is proven, until its vendor hangs up', async () => {
    const { id, number } = await canceledUnproven();
    const hangUpCall = world.service.app.get(HangUpCall, { strict: false });
    let asked = 0;
    hangUpCall.ask = () => {
      asked += 1;
      return Promise.resolve();
    };
    const proof = world.sandbox.calls[0]!;
    await tellOf(proof, { type: 'status-update', status: 'in-progress' });
    await waitFor(() => asked >= 3, 'the vendor is asked again and again');
    expect(await world.call(id)).toMatchObject({ status: 'in-progress', callId: proof.id });
    world.sandbox.release(number);
    await world.sandbox.waitFor(() => proof.status === 'ended');
    world.sandbox.repeatWebhooks(proof.id);
    await world.callWhen(id, 'canceled');
    await waitFor(async () => (await attemptsOf(id))[0]?.state === 'ended', 'the attempt has ended');
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

describe('an accepted call', () => {
  it('that its vendor never ends gives its slot back once it must be over', async () => {
    world = await DispatchWorld.start({
      environment: { ...QUICK, UNKNOWN_RESOLVE_AFTER_MS: '500' },
      concurrencyLimit: 1,
    });
    const { id } = await queueWith({ call: { holdsWhile: 'in-progress' } });
    const talking = `select from call_attempts where state = 'placed' and progress = 'in-progress'`;
    await waitFor(
      async () => (await world.database.query(talking)).length === 1,
      'the call is known to be in progress',
    );
    await world.database.query(`update call_attempts set placed_at = placed_at - interval '1 hour'`);
    expect((await world.callWhen(id, 'failed')).failure.code).toBe('unknown');
    await world.measured();
    expect(await usage()).toMatchObject({ callsUsed: 1, callsReserved: 0, minutesUsed: 1, minutesReserved: 0 });
    expect(await provider(world.account)).toMatchObject({ inUse: 0 });
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

describe('a call that waits in the queue', () => {
  it('is looked at again after a late report about its last attempt has locked it', async () => {
    world = await DispatchWorld.start({
      environment: { DISPATCH_INTERVAL_MS: '3600000', PROVIDER_COOLDOWN_MS: '3600000' },
    });
    const endedReason = 'call.start.error-subscription-concurrency-limit-reached';
    const { id } = await queueWith({ call: { endsAtOnce: true, endedReason } });
    await waitFor(async () => (await provider(world.account)).pausedUntil !== null, 'the provider is cooled');
    await world.sandbox.waitFor((sandbox) => sandbox.webhooks.every((webhook) => webhook.outcome !== 'sending'));
    expect((await world.call(id)).status).toBe('queued');
    await world.database.query('update call_service_providers set paused_until = null');
    world.sandbox.repeatWebhooks(world.sandbox.calls[0]!.id);
    await world.callWhen(id, 'completed');
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

  it('a call that is then refused keeps it from going back to the queue', async () => {
    world = await DispatchWorld.start();
    const { id } = await queueWith({ answer: { kind: 'hang-before' } });
    await world.sandbox.waitFor((sandbox) => sandbox.posts.length === 1);
    await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    const [{ id: attemptId }] = (await world.database.query('select id from call_attempts')) as [{ id: string }];
    const refused = { kind: 'refused', refusal: 'concurrency', detail: 'over limit' } as const;
    const attempt = { id: attemptId, providerId: world.account.id, phoneNumber: { id: world.account.id } };
    await world.service.app.get(RecordPlacement, { strict: false }).execute(attempt as PreparedAttempt, refused);
    expect(await world.call(id)).toMatchObject({ status: 'canceled' });
    expect(await usage()).toMatchObject({ callsReserved: 0 });
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
