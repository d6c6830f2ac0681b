import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verify } from 'retell-sdk/lib/webhook_auth';
import { DEFAULT_AGENTS } from './defaults';
import { type RetellSandbox, type RetellSandboxOptions, startRetellSandbox } from './retell-sandbox';

type Json = Record<string, unknown>;

jest.setTimeout(30_000);

const NUMBER = '+12025550147';
const CREATE = '/v2/create-phone-call';

describe("Retell's stand-in", () => {
  let sandbox: RetellSandbox;
  let hook: Server;
  let hookStatus: (attempt: number) => number;
  const heard: { readonly headers: IncomingMessage['headers']; readonly rawBody: string; readonly body: Json }[] = [];

  const start = async (options: Partial<RetellSandboxOptions> = {}): Promise<RetellSandbox> =>
    (sandbox = await startRetellSandbox({ apiKey: 'key', speed: 1000, retrySpeed: 1000, ...options }));

  beforeAll(async () => {
    hook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const rawBody = Buffer.concat(chunks).toString();
        const body = JSON.parse(rawBody) as Json;
        // What an earlier test's stand-in still had under way is not this one's.
        const { call_id: id } = body.call as Json;
        if (sandbox.calls.some((call) => call.id === id)) heard.push({ headers: request.headers, rawBody, body });
        response.writeHead(hookStatus(heard.length)).end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    heard.length = 0;
    hookStatus = () => 200;
  });
  afterEach(() => sandbox.stop());
  afterAll(async () => {
    hook.closeAllConnections();
    await new Promise((resolve) => hook.close(resolve));
  });

  const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const request = (agent: Json = {}, more: Json = {}): Json => ({
    from_number: sandbox.phoneNumbers[0]!.number,
    to_number: NUMBER,
    override_agent_id: sandbox.agents[0]!.id,
    metadata: { attemptId: 'attempt-1' },
    retell_llm_dynamic_variables: { customerName: 'Ada' },
    agent_override: { agent: { webhook_url: hookUrl(), ...agent } },
    ...more,
  });
  const send = async (method: string, path: string, body?: unknown, key = 'key') => {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const place = (body: Json = request()) => send('POST', CREATE, body);
  const list = (body: Json = {}) => send('POST', '/v3/list-calls', body);
  const allHeard = () =>
    sandbox.waitFor((self) =>
      self.webhooks.some(({ type, outcome }) => type === 'call_analyzed' && outcome !== 'sending'),
    );
  const events = () => heard.map(({ body }) => body.event);

  describe('is strict', () => {
    const cases: readonly (readonly [string, number, { readonly agent?: Json; readonly more?: Json }, RegExp])[] = [
      ['an unknown property', 400, { more: { phone: 1 } }, /body must NOT have additional property 'phone'$/],
      ['one of the agent', 400, { agent: { max_duration: 1 } }, /agent_override\/agent must NOT .*'max_duration'$/],
      [
        'one of the overrides',
        400,
        { more: { agent_override: { agents: {} } } },
        /agent_override must NOT .*'agents'$/,
      ],
      [
        'too short a maximum',
        400,
        { agent: { max_call_duration_ms: 59_999 } },
        /max_call_duration_ms must be >= 60000$/,
      ],
      [
        'too long a maximum',
        400,
        { agent: { max_call_duration_ms: 7_200_001 } },
        /max_call_duration_ms must be <= 7200000$/,
      ],
      ['a maximum with a fraction', 400, { agent: { max_call_duration_ms: 60_000.5 } }, /must be integer$/],
      [
        'an event that does not exist',
        400,
        { agent: { webhook_events: ['end'] } },
        /webhook_events must be equal to one/,
      ],
      ['an address that is none', 400, { agent: { webhook_url: 'here' } }, /webhook_url must be a valid URL$/],
      [
        'variables that are no texts',
        400,
        { more: { retell_llm_dynamic_variables: { a: 1 } } },
        /variables\/a must be string$/,
      ],
      ['metadata that are no object', 400, { more: { metadata: 'x' } }, /metadata must be object$/],
      ['too many metadata', 400, { more: { metadata: { x: 'x'.repeat(50_000) } } }, /metadata must NOT be larger/],
      ['a missing recipient', 400, { more: { to_number: undefined } }, /must have required property 'to_number'$/],
      [
        'a recipient that is not E.164',
        400,
        { more: { to_number: '0202555' } },
        /to_number must be a valid phone number/,
      ],
      [
        'a number that is not E.164',
        400,
        { more: { from_number: '0202555' } },
        /from_number must be a valid phone number/,
      ],
      ['a missing agent', 400, { more: { override_agent_id: undefined } }, /^No outbound agent id/],
      ['an unknown agent', 422, { more: { override_agent_id: 'agent_0' } }, /^Cannot find requested asset/],
      [
        'an agent that only writes',
        422,
        { more: { override_agent_id: 'agent_5a4d0000000000000000000004' } },
        /^Cannot find/,
      ],
      ['an unknown number', 404, { more: { from_number: '+12025550199' } }, /^Item \+12025550199 not found/],
    ];
    it.each(cases)('about %s', async (_what, status, { agent, more }, text) => {
      await start();
      const answer = await place(request(agent, more));
      expect(answer).toEqual({ status, body: { status: 'error', message: expect.stringMatching(text) } });
      expect(sandbox.calls).toEqual([]);
      expect(sandbox.posts).toMatchObject([{ sequence: 1, answeredStatus: status }]);
    });

    it('about bodies that are none', async () => {
      await start();
      expect(await send('POST', CREATE, [])).toMatchObject({ status: 400 });
      expect(await send('POST', CREATE)).toMatchObject({ status: 400 });
    });

    it('about the key', async () => {
      await start();
      expect((await send('POST', CREATE, request(), 'wrong')).status).toBe(401);
      expect((await send('GET', '/get-concurrency', undefined, 'wrong')).status).toBe(401);
      expect(sandbox.calls).toEqual([]);
      expect(sandbox.posts).toMatchObject([{ answeredStatus: 401 }]);
    });

    it('about the number of live calls', async () => {
      await start({ concurrencyLimit: 2, script: () => ({ holdsWhile: 'in-progress', endedReason: 'user_hangup' }) });
      expect([(await place()).status, (await place()).status]).toEqual([201, 201]);
      expect(await place()).toMatchObject({ status: 429, body: { message: expect.stringMatching(/concurrency/i) } });
      expect(sandbox.maxLiveCalls).toBe(2);
      expect((await send('GET', '/get-concurrency')).body).toMatchObject({
        current_concurrency: 2,
        concurrency_limit: 2,
      });
      sandbox.hangUp();
      expect((await place()).status).toBe(201);
    });

    it('about the requests of ten seconds', async () => {
      await start({ postsPerTenSeconds: 0 });
      expect(await place()).toMatchObject({ status: 429, body: { message: expect.stringMatching(/^Account rate/) } });
    });

    it('about too many refusals in a minute, whatever comes after them', async () => {
      const now = jest.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 10, 22));
      await start({ refusalsPerMinute: 1 });
      expect([(await place({})).status, (await place()).status, (await place({})).status]).toEqual([400, 201, 400]);
      expect([(await place()).status, (await list()).status]).toEqual([429, 429]);
      now.mockReturnValue(Date.UTC(2026, 10, 22, 0, 1));
      expect((await place()).status).toBe(201);
    });

    it('about routes that it does not know', async () => {
      await start();
      expect(await send('POST', '/create-phone-call', {})).toMatchObject({
        status: 404,
        body: { message: 'Cannot POST /create-phone-call' },
      });
      expect((await send('GET', '/v2/list-phone-numbers?page=2')).status).toBe(400);
    });
  });

  describe('lets calls live', () => {
    it('from the registration to the end, and tells of it', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'agent_hangup', durationSeconds: 30 } });
      const { status, body: created } = await place();
      expect({ status, created }).toMatchObject({
        status: 201,
        created: { call_status: 'registered', to_number: NUMBER, metadata: { attemptId: 'attempt-1' } },
      });
      expect(created).not.toHaveProperty('start_timestamp');
      await allHeard();
      expect(events()).toEqual(['call_started', 'call_ended', 'call_analyzed']);
      const [started, ended, analyzed] = heard.map(({ body }) => body.call as Json);
      expect(started).toMatchObject({ call_status: 'ongoing', start_timestamp: expect.any(Number) });
      expect(ended).toMatchObject({
        call_id: created.call_id,
        call_status: 'ended',
        disconnection_reason: 'agent_hangup',
        duration_ms: 30_000,
        transcript: expect.stringContaining('Agent: Hello Ada,'),
        call_cost: { combined_cost: 6.51, total_duration_seconds: 30 },
      });
      expect(ended).not.toHaveProperty('call_analysis');
      expect(analyzed).toMatchObject({ call_analysis: { in_voicemail: false, call_summary: expect.any(String) } });
      const { body: read } = await send('GET', `/v2/get-call/${created.call_id}`);
      expect(read).toEqual(analyzed);
      expect(read.end_timestamp - read.start_timestamp).toBe(30_000);
      expect(sandbox.dialsTo(NUMBER)).toBe(1);
      expect(sandbox.liveCalls).toBe(0);
    });

    it('without a start when nobody answers', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'dial_busy' } });
      await place();
      await allHeard();
      expect(events()).toEqual(['call_ended', 'call_analyzed']);
      const { call } = heard[0]!.body as { call: Json };
      expect(call).toMatchObject({
        call_status: 'not_connected',
        disconnection_reason: 'dial_busy',
        duration_ms: 0,
        transcript: '',
      });
      expect(call).not.toHaveProperty('start_timestamp');
      expect(call).not.toHaveProperty('end_timestamp');
      expect(sandbox.dialsTo(NUMBER)).toBe(1);
    });

    it('until a machine answers', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'voicemail_reached' } });
      await place();
      await allHeard();
      expect(heard.at(-1)?.body.call).toMatchObject({
        call_status: 'ended',
        transcript: expect.stringMatching(/^User: You have reached the voicemail/),
        call_analysis: { in_voicemail: true },
      });
    });

    it('no longer than their maximum', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'user_hangup', durationSeconds: 500 } });
      await place(request({ max_call_duration_ms: 60_000 }));
      await allHeard();
      expect(heard.at(-1)?.body.call).toMatchObject({
        disconnection_reason: 'max_duration_reached',
        duration_ms: 60_000,
      });
    });

    it('until they are stopped', async () => {
      await start({ script: () => ({ holdsWhile: 'in-progress', endedReason: 'user_hangup' }), speed: 200 });
      const { body: created } = await place();
      await sandbox.waitFor((self) => self.calls[0]?.status === 'in-progress');
      const path = `/v2/stop-call/${created.call_id}`;
      expect(await send('POST', path)).toEqual({ status: 204, body: undefined });
      expect((await send('POST', path)).status).toBe(400);
      expect((await send('POST', '/v2/stop-call/call_0')).status).toBe(422);
      const { body: read } = await send('GET', `/v2/get-call/${created.call_id}`);
      expect(read).toMatchObject({ call_status: 'ended', disconnection_reason: 'manual_stopped' });
    });

    it('held until they are released', async () => {
      await start({ script: () => ({ holdsWhile: 'queued', endedReason: 'user_hangup' }) });
      const { body: created } = await place();
      expect(sandbox.release('+12025550199')).toBe(0);
      expect((await send('GET', `/v2/get-call/${created.call_id}`)).body.call_status).toBe('registered');
      expect(sandbox.release()).toBe(1);
      await sandbox.waitFor((self) => self.liveCalls === 0);
    });

    it('hundreds of them, and lists them page after page', async () => {
      await start({ concurrencyLimit: 300, speed: Infinity });
      await Promise.all(Array.from({ length: 300 }, () => place(request({ webhook_url: null }))));
      await sandbox.waitFor((self) => self.calls.length === 300 && self.liveCalls === 0);
      const first = (await list({ limit: 200 })).body;
      const second = (await list({ limit: 200, pagination_key: first.pagination_key })).body;
      expect([first.items.length, first.has_more, second.items.length, second.has_more]).toEqual([
        200,
        true,
        100,
        false,
      ]);
      const ids = [...first.items, ...second.items].map((call: Json) => call.call_id);
      expect(new Set(ids).size).toBe(300);
    });
  });

  describe('lists', () => {
    const eq = (value: string) => ({ type: 'string', op: 'eq', value });

    it('calls by what they carry, the newest first and without their transcripts', async () => {
      await start({ script: () => ({ endedReason: 'user_hangup' }) });
      const one = (await place()).body;
      const other = (await place(request({}, { metadata: { attemptId: 'attempt-2' }, to_number: '+12025550148' })))
        .body;
      await sandbox.waitFor((self) => self.liveCalls === 0);
      const idsOf = async (criteria: Json, more: Json = {}) =>
        (await list({ filter_criteria: criteria, ...more })).body.items.map((call: Json) => call.call_id);
      expect(await idsOf({})).toEqual([other.call_id, one.call_id]);
      expect(await idsOf({}, { sort_order: 'ascending', skip: 1 })).toEqual([other.call_id]);
      expect(await idsOf({ metadata: [{ key: 'attemptId', ...eq('attempt-1') }] })).toEqual([one.call_id]);
      expect(await idsOf({ metadata: [{ key: 'other', ...eq('attempt-1') }] })).toEqual([]);
      expect(await idsOf({ to_number: eq('+12025550148') })).toEqual([other.call_id]);
      expect(await idsOf({ call_status: { type: 'enum', op: 'in', value: ['ended'] } })).toHaveLength(2);
      expect(await idsOf({ call_status: { type: 'enum', op: 'in', value: ['error'] } })).toEqual([]);
      const { items, total } = (await list({ include_total: true })).body;
      expect(total).toBe(2);
      expect(items[0]).not.toHaveProperty('transcript');
      expect(items[0]).not.toHaveProperty('transcript_object');
    });

    it.each([
      [{ filter: {} }],
      [{ limit: 1_001 }],
      [{ limit: 0 }],
      [{ skip: 1, pagination_key: 'x' }],
      [{ filter_criteria: [] }],
      [{ filter_criteria: { attempt: 'x' } }],
      [{ filter_criteria: { metadata: eq('x') } }],
      [{ filter_criteria: { metadata: [eq('x')] } }],
      [{ filter_criteria: { metadata: [{ key: 'attemptId', value: 'x' }] } }],
      [{ filter_criteria: { to_number: '+12025550147' } }],
      [{ filter_criteria: { call_status: { type: 'enum', op: 'in', value: ['registered'] } } }],
    ])('no calls for %p', async (body) => {
      await start();
      expect((await list(body)).status).toBe(400);
    });

    it('numbers and agents', async () => {
      await start();
      const { body: numbers } = await send('GET', '/v2/list-phone-numbers?limit=1');
      expect(numbers).toMatchObject({ items: [{ phone_number: '+12025550111' }], has_more: true });
      const next = `/v2/list-phone-numbers?pagination_key=${numbers.pagination_key}`;
      expect((await send('GET', next)).body).toMatchObject({ items: { length: 3 }, has_more: false });
      expect((await send('POST', '/v2/list-agents', {})).body.items).toContainEqual(
        expect.objectContaining({ agent_id: sandbox.agents[0]!.id, channel: 'voice' }),
      );
    });
  });

  describe('sends webhooks', () => {
    it('that are signed with the API key, or with a key of their own', async () => {
      await start();
      await place();
      await allHeard();
      await sandbox.stop();
      await start({ webhookKey: 'other' });
      const before = heard.length;
      await place();
      await allHeard();
      expect(before).toBeGreaterThan(1);
      for (const [index, { rawBody, headers }] of heard.entries()) {
        const isVerified = (key: string) => verify(rawBody, key, headers['x-retell-signature'] as string);
        expect([await isVerified('key'), await isVerified('other')]).toEqual(
          index < before ? [true, false] : [false, true],
        );
      }
    });

    it('to the call, else to the agent, else to the account, and only those that are wanted', async () => {
      await start({ webhookUrl: hookUrl(), agents: [{ ...DEFAULT_AGENTS[0]!, webhookUrl: 'http://127.0.0.1:9/' }] });
      await place(request({ webhook_url: undefined, webhook_events: ['call_ended'] }));
      await sandbox.waitFor(({ webhooks }) => webhooks[0]?.outcome === 'given-up');
      expect(sandbox.webhooks).toMatchObject([{ type: 'call_ended' }]);
      await sandbox.stop();
      await start({ webhookUrl: hookUrl() });
      await place(request({ webhook_url: undefined }));
      await allHeard();
      expect(events()).toContain('call_analyzed');
      sandbox.reset();
      await place(request({ webhook_url: null }));
      await sandbox.waitFor((self) => self.calls[0]?.isAnalyzed === true);
      expect(sandbox.webhooks).toEqual([]);
    });

    it('three times more when they are not taken, signed anew each time', async () => {
      await start();
      hookStatus = () => 500;
      sandbox.order({ call: { endsAtOnce: true, endedReason: 'dial_busy' } });
      await place(request({ webhook_events: ['call_ended'] }));
      await sandbox.waitFor(({ webhooks }) => webhooks[0]?.outcome === 'given-up');
      expect(sandbox.webhooks).toMatchObject([{ attempts: 4, lastStatus: 500 }]);
      const signatures = heard.map(({ headers }) => headers['x-retell-signature']);
      expect(signatures).toHaveLength(4);
      expect(new Set(signatures).size).toBeGreaterThan(1);
    });

    it('once more when told to', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'dial_busy' }, webhooks: { mode: 'lost' } });
      await place();
      await sandbox.waitFor(({ webhooks }) => webhooks.length === 2);
      sandbox.repeatWebhooks(sandbox.calls[0]!.id);
      await sandbox.waitFor(({ webhooks }) => webhooks.filter(({ outcome }) => outcome === 'delivered').length === 2);
      expect(events()).toEqual(['call_ended', 'call_analyzed']);
      expect(heard.map(({ body }) => 'call_analysis' in (body.call as Json))).toEqual([false, true]);
    });
  });

  describe('goes wrong on order', () => {
    it('for one number and for whoever is next', async () => {
      await start();
      sandbox.order({ number: '+12025550199', answer: { kind: 'over-limit' } });
      sandbox.order({ times: 2, answer: { kind: 'error-before', status: 503 } });
      expect((await place()).status).toBe(503);
      expect((await place(request({}, { to_number: '+12025550199' }))).status).toBe(429);
      expect((await place()).status).toBe(503);
      expect((await place()).status).toBe(201);
    });

    it.each([
      [{ kind: 'account', status: 402 }, 402, /^Trial has ended/],
      [{ kind: 'line', reason: 'missing' }, 404, /^Item .* not found from phone-number$/],
      [{ kind: 'line', reason: 'malformed' }, 400, /from_number/],
      [{ kind: 'unknown-assistant' }, 422, /^Cannot find requested asset/],
      [{ kind: 'bad-destination' }, 400, /to_number/],
      [{ kind: 'rate-limit' }, 429, /^Account rate limited/],
      [{ kind: 'refusal', status: 418, message: 'Tea' }, 418, /^Tea$/],
    ] as const)('with %p', async (answer, status, text) => {
      await start();
      sandbox.order({ answer });
      expect(await place()).toMatchObject({ status, body: { message: expect.stringMatching(text) } });
      expect(sandbox.dialsTo(NUMBER)).toBe(0);
    });

    it('with a created call behind a lost answer', async () => {
      await start();
      sandbox.order({ answer: { kind: 'lost-answer' }, call: { hiddenForMs: 60_000 } });
      await expect(place()).rejects.toThrow();
      expect(sandbox.dialsOf('attempt-1')).toBe(1);
      expect((await list()).body.items).toEqual([]);
      expect((await send('GET', `/v2/get-call/${sandbox.calls[0]!.id}`)).status).toBe(422);
    });

    it('with an end before the phone rings, which is no dial', async () => {
      await start();
      sandbox.order({ call: { endsAtOnce: true, endedReason: 'concurrency_limit_reached' } });
      expect(await place()).toMatchObject({ status: 201, body: { call_status: 'registered' } });
      await allHeard();
      expect(heard[0]?.body.call).toMatchObject({ call_status: 'error', duration_ms: 0 });
      expect(sandbox.dialsTo(NUMBER)).toBe(0);
    });

    it('with a webhook before the answer', async () => {
      await start();
      sandbox.order({ webhooks: { mode: 'early' } });
      const placed = place();
      await sandbox.waitFor((self) => self.webhooks.some((webhook) => webhook.outcome === 'delivered'));
      expect(sandbox.posts[0]!.answeredStatus).toBeUndefined();
      expect((await placed).status).toBe(201);
    });

    it.each([
      ['repeated', ['call_ended', 'call_ended', 'call_analyzed', 'call_analyzed']],
      ['reordered', ['call_analyzed', 'call_ended']],
      ['late', ['call_ended', 'call_analyzed']],
    ] as const)('with %s webhooks', async (mode, expected) => {
      await start();
      sandbox.order({ call: { endedReason: 'dial_busy' }, webhooks: { mode, delayMs: 50 } });
      await place();
      await sandbox.waitFor(
        ({ webhooks }) => webhooks.filter(({ outcome }) => outcome === 'delivered').length === expected.length,
      );
      expect(events()).toEqual(expected);
    });

    it('with lost webhooks, one type of them if wished', async () => {
      await start();
      sandbox.order({ call: { endedReason: 'dial_busy' }, webhooks: { mode: 'lost', only: 'call_ended' } });
      await place();
      await allHeard();
      expect(events()).toEqual(['call_analyzed']);
    });

    it('when told over HTTP, reads included', async () => {
      await start();
      await send('POST', '/sandbox/faults', [{ answer: { kind: 'rate-limit' } }, { read: { status: 503 }, times: 2 }]);
      expect((await place()).status).toBe(429);
      await place();
      expect([(await list()).status, (await send('GET', '/get-concurrency')).status]).toEqual([503, 503]);
      expect((await list()).status).toBe(200);
      expect((await send('GET', '/sandbox/state')).body).toMatchObject({ posts: 2, calls: 1 });
      await send('POST', '/sandbox/reset');
      expect((await send('GET', '/sandbox/state')).body).toMatchObject({ posts: 0, calls: 0, dialsByNumber: {} });
    });
  });

  it('counts the POSTs that wait at the same time', async () => {
    await start();
    sandbox.order({ times: 3, answer: { kind: 'slow-answer', delayMs: 100 } });
    await Promise.all([place(), place(), place()]);
    expect(sandbox.maxPostsInFlight).toBe(3);
    expect(sandbox.posts.map(({ number, attemptId, phoneNumberId }) => [number, attemptId, phoneNumberId])).toEqual(
      Array.from({ length: 3 }, () => [NUMBER, 'attempt-1', '+12025550111']),
    );
  });
});
