import { createHmac } from 'node:crypto';
import type { RetellSandbox } from '../../sandbox/retell/retell-sandbox';
import { type Account, API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import type { Answer } from '../support/service';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

let world: DispatchWorld;
let retell: Account<RetellSandbox>;
let serial = 0;

beforeAll(async () => {
  world = await DispatchWorld.start({ environment: { RECONCILE_INTERVAL_MS: '200' } });
  retell = await world.addRetellAccount('retell', 1, 10);
  world.templateId = await world.addTemplate({
    assistantId: retell.assistantIds[0],
    params: { name: { type: 'string', required: true } },
    paramsOrder: ['name'],
  });
});
afterAll(() => world.stop());
afterEach(() => {
  retell.sandbox.reset();
});

type Body = Answer['body'];
const nextNumber = () => numbers(1, (serial += 1))[0]!;

async function queue(number: string): Promise<string> {
  const body = { templateId: world.templateId, recipientNumber: number, customVariables: { name: 'Ada' } };
  const answer = await world.service.request('POST', '/v1/calls', { token: world.userToken, body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id as string;
}

async function recordOf(callQueueId: string): Promise<Body> {
  const { body } = await world.service.request('GET', '/v1/call-history?limit=200', { token: world.userToken });
  return body.items.find((record: Body) => record.callQueueId === callQueueId);
}

async function recordWhen(callQueueId: string, is: (record: Body) => boolean, words: string): Promise<Body> {
  let record: Body;
  await waitFor(async () => (record = await recordOf(callQueueId)) !== undefined && is(record), words);
  return record;
}

interface Used {
  readonly callsUsed: number;
  readonly minutesUsed: number;
}

async function usage(): Promise<Used> {
  return (await world.service.request('GET', '/v1/usage', { token: world.userToken })).body;
}

/** The call as the stand-in knows it. */
const callTo = (number: string) => retell.sandbox.calls.find(({ customerNumber }) => customerNumber === number)!;

/** A call whose analysis only the test sends. */
async function endedWithoutAnalysis(): Promise<{ id: string; number: string }> {
  const number = nextNumber();
  retell.sandbox.order({ number, webhooks: { mode: 'lost', only: 'call_analyzed' } });
  const id = await queue(number);
  await recordWhen(id, ({ status }) => status === 'completed', 'the call has ended');
  return { id, number };
}

interface Delivery {
  readonly key?: string;
  readonly at?: number;
  /** Sent instead of what was signed. */
  readonly sent?: string;
}

function deliver(webhook: object, { key = API_KEY, at = Date.now(), sent }: Delivery = {}): Promise<Answer> {
  const body = JSON.stringify(webhook);
  const signature = createHmac('sha256', key)
    .update(body + String(at))
    .digest('hex');
  return world.service.request('POST', `/v1/webhooks/providers/${retell.id}`, {
    body: sent ?? body,
    headers: { 'content-type': 'application/json', 'x-retell-signature': `v=${String(at)},d=${signature}` },
  });
}

/** What Retell would send about the call, with what the test wants to be different; an analysis only if it brings one. */
function webhook(event: string, number: string, changes: object = {}): object {
  const { call_analysis: _, ...call } = callTo(number).toWire();
  const something_new = { of: ['another', 'version'] };
  return { event, call: { ...call, ...changes }, event_timestamp: Date.now(), something_new };
}

describe('a call through Retell', () => {
  it('is placed once with our limits, and becomes history, cost and usage', async () => {
    const before = await usage();
    const number = nextNumber();
    const id = await queue(number);
    const call = await world.callWhen(id, 'completed');
    const record = await recordWhen(id, ({ summary }) => summary !== null, 'the analysis is in the history');
    await world.measured();

    expect(retell.sandbox.dialsTo(number)).toBe(1);
    const [attempt] = call.attempts;
    expect(retell.sandbox.posts.at(-1)?.body).toMatchObject({
      to_number: number,
      metadata: { attemptId: attempt.id },
      retell_llm_dynamic_variables: { name: 'Ada' },
      agent_override: {
        agent: {
          max_call_duration_ms: 120_000,
          webhook_url: `${world.service.url}/v1/webhooks/providers/${retell.id}`,
        },
      },
    });
    expect(attempt).toMatchObject({ providerId: retell.id, state: 'ended', callId: call.callId, outcome: 'completed' });
    expect(record).toMatchObject({
      callId: callTo(number).id,
      providerId: retell.id,
      assistantId: retell.assistantIds[0],
      status: 'completed',
      outcome: 'completed',
      endedReason: 'user_hangup',
      durationSeconds: 30,
      // Retell's 30 × 0.217 cents.
      cost: { amount: 0.0651, currency: 'USD' },
      transcript: expect.stringContaining('Agent: '),
      recordingUrl: expect.stringContaining(callTo(number).id),
    });
    expect(await usage()).toMatchObject({ callsUsed: before.callsUsed + 1, minutesUsed: before.minutesUsed + 1 });
  });

  it.each([
    ['voicemail_reached', 'completed', 'voicemail', 1],
    ['agent_hangup', 'completed', 'completed', 1],
    ['inactivity', 'completed', 'no_conversation', 1],
    ['dial_no_answer', 'failed', 'no_answer', 0],
    ['dial_busy', 'failed', 'busy', 0],
    ['user_declined', 'failed', 'declined', 0],
    ['invalid_destination', 'failed', 'invalid_number', 0],
    ['error_a_word_that_came_later', 'failed', 'provider_error', 1],
  ])('that ends with %s is %s: %s', async (endedReason, status, outcome, minutes) => {
    const before = await usage();
    const number = nextNumber();
    retell.sandbox.order({ number, call: { endedReason } });
    const id = await queue(number);
    const call = await world.callWhen(id, status);
    await world.measured();
    expect(call.failure).toEqual(status === 'failed' ? expect.objectContaining({ code: outcome }) : null);
    expect(await recordOf(id)).toMatchObject({ status, outcome, endedReason });
    expect((await usage()).minutesUsed - before.minutesUsed).toBe(minutes);
    expect(retell.sandbox.dialsTo(number)).toBe(1);
  });

  it('that Retell takes back for its concurrency is called later, and used once', async () => {
    const before = await usage();
    const number = nextNumber();
    retell.sandbox.order({ number, call: { endsAtOnce: true, endedReason: 'concurrency_limit_reached' } });
    const id = await queue(number);
    await waitFor(async () => {
      const { status, attempts } = await world.call(id);
      return status === 'queued' && attempts[0]?.outcome === 'capacity';
    }, 'the call is back in the queue');
    await world.admin('POST', `/v1/admin/providers/${retell.id}/resume`);
    const call = await world.callWhen(id, 'completed');
    expect(call.attempts.map(({ outcome }: Body) => outcome).sort()).toEqual(['capacity', 'completed']);
    await world.measured();
    expect((await usage()).callsUsed - before.callsUsed).toBe(1);
    expect(retell.sandbox.dialsTo(number)).toBe(1);
  });

  it('whose answer and webhooks are lost is found by the attempt’s id, and never placed again', async () => {
    const number = nextNumber();
    retell.sandbox.order({
      number,
      answer: { kind: 'lost-answer' },
      webhooks: { mode: 'lost' },
      call: { holdsWhile: 'in-progress' },
    });
    const id = await queue(number);
    await recordWhen(id, ({ callId }) => callId === callTo(number).id, 'the call is found');
    expect((await world.call(id)).status).toBe('in-progress');
    expect(retell.sandbox.dialsTo(number)).toBe(1);
    await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    const end = { disconnection_reason: 'manual_stopped', call_status: 'ended', duration_ms: 5_000 };
    await deliver(webhook('call_ended', number, end));
    await world.callWhen(id, 'canceled');
  });

  it('is hung up when its user cancels it', async () => {
    const number = nextNumber();
    retell.sandbox.order({ number, call: { holdsWhile: 'in-progress' } });
    const id = await queue(number);
    await recordWhen(id, ({ startedAt }) => startedAt !== null, 'somebody has answered');
    const answer = await world.service.request('POST', `/v1/calls/${id}/cancel`, { token: world.userToken });
    expect(answer.status).toBe(202);
    await world.callWhen(id, 'canceled');
    expect(callTo(number)).toMatchObject({ status: 'ended', endedReason: 'manual_stopped' });
  });
});

describe('a webhook of Retell', () => {
  it.each<[string, Delivery]>([
    ['of another account', { key: 'a key of another account' }],
    ['of half an hour ago', { at: Date.now() - 1_800_000 }],
    ['of half an hour ahead', { at: Date.now() + 1_800_000 }],
    ['that was changed on the way', { sent: '{"event":"call_ended","call":{}}' }],
  ])('%s is refused and changes nothing', async (_, delivery) => {
    const { id, number } = await endedWithoutAnalysis();
    const before = await recordOf(id);
    const forged = webhook('call_analyzed', number, { call_analysis: { call_summary: 'Forged.' } });
    expect((await deliver(forged, delivery)).status).toBe(401);
    expect(await recordOf(id)).toEqual(before);
  });

  it('may come again and again, in any order: the end state is the same', async () => {
    const before = await usage();
    const { id, number } = await endedWithoutAnalysis();
    const analyzed = webhook('call_analyzed', number, {
      call_analysis: { call_summary: 'They talked.', in_voicemail: false },
      call_cost: { combined_cost: 12.5 },
    });
    const ended = webhook('call_ended', number, {
      call_cost: { combined_cost: 3 },
      recording_url: 'https://old.example',
    });
    for (const next of [analyzed, ended, webhook('call_started', number), analyzed, ended]) {
      expect((await deliver(next)).status).toBe(200);
    }
    const record = await recordOf(id);
    expect(record).toMatchObject({ status: 'completed', summary: 'They talked.', cost: { amount: 0.125 } });
    expect(record.recordingUrl).toBe(callTo(number).toWire()['recording_url']);
    await world.measured();
    const after = await usage();
    expect([after.callsUsed - before.callsUsed, after.minutesUsed - before.minutesUsed]).toEqual([1, 1]);
  });

  it('that finds out late that a machine answered corrects the history, and nothing else', async () => {
    const before = await usage();
    const { id, number } = await endedWithoutAnalysis();
    await world.measured();
    const call = await world.call(id);
    expect(await recordOf(id)).toMatchObject({ outcome: 'completed', summary: null });
    const machine = { call_analysis: { call_summary: 'A machine took it.', in_voicemail: true } };
    expect((await deliver(webhook('call_analyzed', number, machine))).status).toBe(200);
    expect((await deliver(webhook('call_ended', number))).status).toBe(200);
    expect(await recordOf(id)).toMatchObject({
      status: 'completed',
      outcome: 'voicemail',
      summary: 'A machine took it.',
      durationSeconds: 30,
    });
    const { attempts, ...rest } = await world.call(id);
    expect(attempts).toEqual([{ ...call.attempts[0], outcome: 'voicemail' }]);
    expect({ ...rest, attempts: call.attempts }).toEqual(call);
    const after = await usage();
    expect([after.callsUsed - before.callsUsed, after.minutesUsed - before.minutesUsed]).toEqual([1, 1]);
  });

  it('may have four megabytes, and no more than five', async () => {
    const { id, number } = await endedWithoutAnalysis();
    const transcript = 'Agent: And so on.\n'.repeat(4_000_000 / 18);
    const told = { transcript, call_analysis: { call_summary: 'Long.' } };
    expect((await deliver(webhook('call_analyzed', number, told))).status).toBe(200);
    expect((await recordOf(id)).transcript).toBe(transcript);
    const longer = { ...told, transcript: transcript + transcript };
    expect((await deliver(webhook('call_analyzed', number, longer))).status).toBe(413);
  });
});

it('imports the countries that a number may call, unless an administrator has limited it', async () => {
  const own = await world.addRetellAccount('limited', 5, 1, {
    phoneNumbers: [
      { number: '+12025550181', type: 'retell-twilio', allowedCountries: ['US', 'CA'] },
      { number: '+12025550182', type: 'retell-twilio', allowedCountries: ['US'] },
      { number: '+12025550183', type: 'custom' },
    ],
  });
  const listed = async (): Promise<Body[]> => {
    const { items } = await world.admin('GET', '/v1/admin/phone-numbers?limit=200');
    return items.filter(({ providerId }: Body) => providerId === own.id);
  };
  const limits = async () =>
    Object.fromEntries((await listed()).map(({ fullNumber, capabilities }) => [fullNumber, capabilities]));
  const imported = {
    '+12025550181': ['voice', 'to:US', 'to:CA'],
    '+12025550182': ['voice', 'to:US'],
    '+12025550183': ['voice'],
  };
  expect(await limits()).toEqual(imported);

  const change = async (fullNumber: string, capabilities: readonly string[]) => {
    const { id } = (await listed()).find((number) => number.fullNumber === fullNumber)!;
    await world.admin('PATCH', `/v1/admin/phone-numbers/${String(id)}`, { capabilities });
  };
  await change('+12025550181', ['voice', 'to:CA']);
  await change('+12025550182', ['voice']);
  const { phoneNumbers } = await world.admin('POST', `/v1/admin/providers/${own.id}/import`);
  expect(phoneNumbers).toEqual({ created: 0, updated: 1, deactivated: 0 });
  expect(await limits()).toEqual({ ...imported, '+12025550181': ['voice', 'to:CA'] });
});
