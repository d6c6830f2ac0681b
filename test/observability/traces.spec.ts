import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { openSession } from '../../src/shared/database/connection';
import { createPool } from '../../src/shared/database/pool';
import { exchange } from '../../src/shared/http-client/exchange';
import { within } from '../../src/shared/observability/story';
import type { Tracing } from '../../src/shared/observability/tracing-sdk';
import { API_KEY, DispatchWorld, numbers } from '../support/dispatch-world';
import { HeardLog } from '../support/heard-log';
import { waitUntilBlocked } from '../support/held-work';
import { JWT_SECRET } from '../support/service';
import { createTestDatabase } from '../support/test-database';
import { type CollectedSpan, TraceCollector, traceTo } from '../support/trace-collector';
import { waitFor } from '../support/wait-for';

const CLIENTS_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CLIENTS_SPAN = '00f067aa0ba902b7';
const TRACEPARENT = `00-${CLIENTS_TRACE}-${CLIENTS_SPAN}-01`;
const TRANSCRIPT = 'AI: Hello!\nUser: My cat is called Mortimer.';

let collector: TraceCollector;
let tracing: Tracing;
let world: DispatchWorld;

beforeEach(async () => {
  collector = await TraceCollector.open();
});
afterEach(async () => {
  await tracing.stop();
  await collector.close();
});

const isQuery = ({ attributes }: CollectedSpan): boolean => attributes['db.system.name'] === 'postgresql';
const only = (name: string): CollectedSpan => {
  const spans = collector.named(name);
  expect(spans).toHaveLength(1);
  return spans[0]!;
};
const childOf = (span: CollectedSpan, name: string): CollectedSpan => {
  const children = collector.childrenOf(span).filter((child) => child.name === name);
  expect(children.length).toBeGreaterThan(0);
  return children[0]!;
};

describe('the trace of a call', () => {
  let callId: string;
  let recipient: string;
  const guest = 'Ernestine Wuthering';

  /** From its request until its history is written, and the service has ended. */
  async function completeCall(variables: Readonly<Record<string, string>> = {}): Promise<void> {
    tracing = traceTo(collector, variables);
    world = await DispatchWorld.start();
    [recipient] = numbers(1) as [string];
    world.sandbox.order({ number: recipient, call: { durationSeconds: 61, transcript: TRANSCRIPT } });
    const templateId = await world.addTemplate({
      assistantId: world.account.assistantIds[0],
      params: { guest: { type: 'string', required: true } },
      paramsOrder: ['guest'],
    });
    const answer = await world.service.request('POST', '/v1/calls', {
      token: world.userToken,
      body: { templateId, recipientNumber: recipient, customVariables: { guest } },
      headers: { traceparent: TRACEPARENT },
    });
    expect(answer).toMatchObject({ status: 201 });
    callId = answer.body.id;
    await world.settled();
    await world.measured();
    await world.stop();
    await tracing.stop();
  }

  it('leads from the request that queues it over claim and placement to what the vendor reports', async () => {
    await completeCall();

    const request = only('POST /v1/calls');
    expect(request).toMatchObject({ kind: 2, traceId: CLIENTS_TRACE, parentSpanId: CLIENTS_SPAN });
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/calls',
      'http.response.status_code': 201,
      'ringonce.call.id': callId,
    });
    expect(request.resource).toMatchObject({ 'service.name': 'ringonce' });
    expect(collector.childrenOf(request).filter(isQuery).length).toBeGreaterThan(0);

    const placement = only('placement');
    const ids = placement.attributes;
    expect(ids).toMatchObject({ 'ringonce.call.id': callId, 'ringonce.provider.id': world.account.id });
    const claim = collector.named('claim').find(({ spanId }) => spanId === placement.parentSpanId)!;
    expect(claim.parentSpanId).toBe('');
    expect(collector.childrenOf(claim).filter(isQuery).length).toBeGreaterThan(0);
    expect(childOf(placement, 'POST')).toMatchObject({
      kind: 3,
      attributes: { 'http.request.method': 'POST', 'server.address': '127.0.0.1', 'http.response.status_code': 201 },
    });
    expect(collector.childrenOf(childOf(placement, 'recording')).filter(isQuery).length).toBeGreaterThan(0);

    const reports = collector.named('POST /v1/webhooks/providers/:providerId');
    const webhooks = reports.map((report) => childOf(report, 'webhook'));
    expect(webhooks.length).toBeGreaterThan(0);
    for (const webhook of webhooks)
      expect(webhook.attributes).toMatchObject({
        'ringonce.call.id': callId,
        'ringonce.attempt.id': ids['ringonce.attempt.id'],
        'ringonce.provider.id': world.account.id,
      });
    const recordings = collector.named('recording');
    for (const { spanId } of webhooks)
      expect(recordings.some(({ parentSpanId, links }) => parentSpanId === spanId || links.includes(spanId))).toBe(
        true,
      );
  });

  it('is told to nobody with a number, a name, a word, a key or a token in it, and no statement with a value', async () => {
    await completeCall();
    const queries = collector.spans.filter(isQuery);
    expect(queries.length).toBeGreaterThan(20);
    for (const { name, attributes } of queries) {
      expect(attributes['db.query.text']).toMatch(/^[^']+$/);
      expect(attributes['db.query.summary']).toBe(name);
      expect(name).not.toMatch(/['?\d{}]/);
    }
    const personal = [recipient.slice(1), guest, 'Wuthering', 'Mortimer', world.userId];
    const secret = [API_KEY, JWT_SECRET, world.userToken, world.adminToken, new URL(world.database.url).password];
    for (const text of [...personal, ...secret])
      expect([text, collector.received.includes(text)]).toEqual([text, false]);
    expect(collector.received).not.toContain('@');
  });

  it('shows what was written: operations and tables, and the parameters only by number', async () => {
    await completeCall();
    const names = new Set(collector.spans.filter(isQuery).map(({ name }) => name));
    expect([...names].some((name) => name.includes('ringonce.start_attempts'))).toBe(true);
    expect([...names].some((name) => name.includes('call_queue'))).toBe(true);
    expect(collector.received).toContain('ringonce.start_attempts(?, ?)');
  });

  it('is left out where the client has decided so, and the sampler follows it', async () => {
    tracing = traceTo(collector);
    world = await DispatchWorld.start();
    await world.service.request('GET', '/v1/me', {
      token: world.userToken,
      headers: { traceparent: `00-${CLIENTS_TRACE}-${CLIENTS_SPAN}-00` },
    });
    await world.stop();
    await tracing.stop();
    expect(collector.named('GET /v1/me')).toEqual([]);
    expect(collector.spans.filter(({ traceId }) => traceId === CLIENTS_TRACE)).toEqual([]);
  });

  it('goes on with the ids alone of the trace that a client names: its other words are nobody’s business', async () => {
    tracing = traceTo(collector);
    world = await DispatchWorld.start();
    await world.service.request('GET', '/v1/me', {
      token: world.userToken,
      headers: { traceparent: TRACEPARENT, tracestate: 'vendor=Mortimer', baggage: 'guest=Ernestine' },
    });
    await world.stop();
    await tracing.stop();
    expect(only('GET /v1/me')).toMatchObject({ traceId: CLIENTS_TRACE, parentSpanId: CLIENTS_SPAN });
    for (const word of ['Mortimer', 'Ernestine'])
      expect([word, collector.received.includes(word)]).toEqual([word, false]);
  });

  it('bears the name and the attributes that the environment gives', async () => {
    tracing = traceTo(collector, {
      OTEL_SERVICE_NAME: 'calls-eu',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    within('claim', {}, () => undefined);
    await tracing.stop();
    expect(only('claim').resource).toMatchObject({
      'service.name': 'calls-eu',
      'deployment.environment.name': 'test',
    });
  });
});

describe('a request', () => {
  it('of nobody is in no trace: health, metrics, documentation, and looks at the queue', async () => {
    tracing = traceTo(collector);
    world = await DispatchWorld.start({ environment: { DISPATCH_INTERVAL_MS: '20' } });
    await tracing.stop();
    const before = collector.spans.length;
    tracing = traceTo(collector);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/openapi.json'])
      expect((await world.service.request('GET', path)).status).toBe(200);
    await world.stop();
    await tracing.stop();
    expect(collector.spans.slice(before)).toEqual([]);
  });

  it('that fails or is refused is told as such, by its route', async () => {
    tracing = traceTo(collector);
    world = await DispatchWorld.start();
    const id = 'ffffffff-ffff-4fff-8fff-ffffffffffff';
    await world.service.request('GET', `/v1/calls/${id}`, { token: world.userToken });
    await world.service.request('GET', '/v1/nothing?number=%2B12025550147', { token: world.userToken });
    await world.stop();
    await tracing.stop();
    expect(only('GET /v1/calls/:id').attributes).toMatchObject({
      'http.response.status_code': 404,
      'ringonce.problem.code': 'calls.not_found',
    });
    const unmatched = collector.named('GET').find(({ kind }) => kind === 2)!;
    expect(unmatched.attributes).toMatchObject({ 'http.response.status_code': 404 });
    expect(collector.received).not.toContain('2025550147');
  });

  it('that its client gives up ends with that, in its trace and in the log', async () => {
    tracing = traceTo(collector);
    world = await DispatchWorld.start();
    const log = new HeardLog();
    const lock = await openSession(world.database.superuserUrl);
    await lock.query('begin; lock table user_profiles in access exclusive mode');
    const client = new AbortController();
    const headers = { authorization: `Bearer ${world.userToken}`, 'x-request-id': 'given-up' };
    const asked = fetch(`${world.service.url}/v1/me`, { headers, signal: client.signal });
    await waitUntilBlocked(world.database, 1);
    client.abort();
    await expect(asked).rejects.toThrow();
    const answered = () => log.about({ event: 'request.answered', requestId: 'given-up' });
    await waitFor(() => answered().length > 0, 'the log tells it');
    await lock.close();
    await world.stop();
    await tracing.stop();
    expect(answered()).toHaveLength(1);
    expect(answered()[0]).toMatchObject({ isAborted: true, message: 'GET /v1/me aborted by the client' });
    expect(answered()[0]).not.toHaveProperty('status');
    expect(only('GET /v1/me').attributes).toMatchObject({ 'error.type': 'aborted', 'http.route': '/v1/me' });
    expect(only('GET /v1/me').attributes).not.toHaveProperty('http.response.status_code');
  });
});

it('vendors are sent no trace', async () => {
  tracing = traceTo(collector);
  let headers: IncomingHttpHeaders | undefined;
  const vendor = createServer((request, response) => {
    ({ headers } = request);
    response.end();
  });
  await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}/call/secret-id`;
  await within('placement', {}, () => exchange({ method: 'POST', url, headers: {}, timeoutMs: 5_000 }));
  vendor.close();
  await tracing.stop();
  expect(Object.keys(headers ?? {}).sort()).toEqual([
    'accept-encoding',
    'connection',
    'content-length',
    'host',
    'user-agent',
  ]);
  expect(childOf(only('placement'), 'POST').attributes).toMatchObject({ 'http.response.status_code': 200 });
  expect(collector.received).not.toContain('secret-id');
});

it('a statement that waits for a connection belongs to whoever asked for it, not to whoever gives the connection back', async () => {
  tracing = traceTo(collector);
  const database = await createTestDatabase();
  const pool = createPool(database.url, 1);
  const ask = (name: 'claim' | 'webhook' | 'inquiry', table: string) =>
    within(name, {}, () => pool.query(`select from ${table}`));
  await Promise.all([ask('claim', 'call_queue'), ask('webhook', 'call_attempts'), ask('inquiry', 'user_profiles')]);
  await pool.end();
  await tracing.stop();
  await database.drop();
  childOf(only('claim'), 'SELECT call_queue');
  childOf(only('webhook'), 'SELECT call_attempts');
  childOf(only('inquiry'), 'SELECT user_profiles');
});

describe('a collector', () => {
  it.each(['refuses', 'hangs'] as const)(
    'that %s disturbs no call and no end, and is told of once',
    async (behaviour) => {
      const warn = jest.spyOn(Logger.prototype, 'warn');
      const log = jest.spyOn(Logger.prototype, 'log');
      const told = (spy: jest.SpyInstance) => spy.mock.calls.filter(([line]) => String(line).includes('collector'));
      collector.behaviour = behaviour;
      tracing = traceTo(collector, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' });
      world = await DispatchWorld.start();
      await world.queue(numbers(3));
      await world.settled();
      expect(world.sandbox.posts).toHaveLength(3);
      await waitFor(async () => {
        await world.service.request('GET', '/v1/me', { token: world.userToken });
        return collector.requests > 3;
      }, 'the collector was asked several times');
      expect(told(warn)).toHaveLength(1);
      collector.behaviour = 'takes';
      await waitFor(async () => {
        await world.service.request('GET', '/v1/me', { token: world.userToken });
        return told(log).length > 0;
      }, 'traces get through again');
      collector.behaviour = behaviour;
      await world.service.request('GET', '/v1/me', { token: world.userToken });
      await world.stop();
      await tracing.stop();
    },
  );
});
