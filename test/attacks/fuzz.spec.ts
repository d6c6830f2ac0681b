import { randomUUID } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { DescribedApi, type Operation, pathOf } from '../support/described-api';
import { hostileText, SchemaValues } from '../support/hostile-values';
import { PaidPlansWorld } from '../support/paid-plans-world';
import { headerSafe, percentEncoded, RawClient, type RawRequest } from '../support/raw-requests';
import { makeSecret } from '../support/run-record';
import type { Service } from '../support/service';

/** The same requests in each run; another number makes others. */
const SEED = 20_261_122;
/** Runs of up to REQUESTS_AT_ONCE requests each, by how far the caller gets. */
const RUNS = { admitted: 20, refused: 4 };
const REQUESTS_AT_ONCE = 4;

const api = new DescribedApi();
const operations = api.operations();
/** Routes that have answered with what they are for: without those, only refusals would have been looked at. */
const succeeded = new Set<string>();
const API_KEY = makeSecret('sandbox-key-of-the-attacks');

let plans: PaidPlansWorld;
let service: Service;
let world: CallsWorld;
let vapi: VapiSandbox;
let client: RawClient;

beforeAll(async () => {
  plans = await PaidPlansWorld.start();
  service = plans.service;
  world = new CallsWorld(service);
  vapi = await startVapiSandbox({ apiKey: API_KEY, speed: Infinity });
  client = new RawClient(service.url);
});
afterAll(async () => {
  client.close();
  // Made-up credentials are as short and as common as chance has it: they are no secrets to search for.
  await world.database.query(`update call_service_providers set api_credentials = 'gone'`);
  await vapi.stop();
  await plans.stop();
});

type CallerKind = 'a user' | 'an administrator';

/** What the requests of one test are about. */
interface Scene {
  readonly token: string;
  idsFor(operation: Operation, name: string): readonly string[];
}

/** What only looks finds the same scene again; what changes something gets one of its own. */
const scenes = new Map<CallerKind, Promise<Scene>>();

async function sceneFor({ method, path }: Operation, kind: CallerKind): Promise<Scene> {
  await world.pauseDispatch();
  if (path.startsWith('/v1/subscription')) return setScene(kind, await freeUser());
  if (method !== 'GET') return setScene(kind, await world.subscribedUser());
  const scene = scenes.get(kind) ?? world.subscribedUser().then((user) => setScene(kind, user));
  scenes.set(kind, scene);
  return scene;
}

async function setScene(kind: CallerKind, user: TestUser): Promise<Scene> {
  const admin = await service.token({ userId: user.id, admin: true });
  const provider = await makeProvider(admin);
  const templateIds = [await world.template(user, { assistantId: provider.assistantIds[0], isPublic: true })];
  const callIds = [await queueCall(user.id, templateIds[0]!), await queueCall(user.id, templateIds[0]!)];
  await world.attempt(callIds[1]!, { ...provider, assistantId: provider.assistantIds[0]! });
  callIds.push(await queueCall(user.id, templateIds[0]!));
  await world.setStatus(callIds[2]!, 'failed', 'busy');
  await world.database.query(
    'insert into user_plan_limits (user_id, call_limit, minutes_limit) values ($1, 100, 100)',
    [user.id],
  );
  const recordIds = await history(user.id);
  const planIds = (await world.database.query<{ id: string }>('select id from subscription_plans')).map(({ id }) => id);
  const byPath = {
    '/v1/calls': callIds,
    '/v1/call-history': recordIds,
    '/v1/call-templates': templateIds,
    '/v1/admin/providers': [provider.id],
    '/v1/admin/phone-numbers': [provider.phoneNumberId],
    '/v1/admin/assistants': provider.assistantIds,
  };
  const byName: Readonly<Record<string, readonly string[]>> = {
    templateId: templateIds,
    providerId: [provider.id],
    assistantId: provider.assistantIds,
    fallbackAssistantIds: provider.assistantIds,
    planId: planIds,
    userId: [user.id],
    subjectId: [provider.id, user.id],
    'X-On-Behalf-Of': [user.id],
  };
  const ofPath = ({ path }: Operation) => Object.entries(byPath).find(([beginning]) => path.startsWith(beginning))?.[1];
  return {
    token: kind === 'a user' ? user.token : admin,
    // Whoever asks must not be erased in between.
    idsFor: (operation, name) =>
      operation.path.endsWith('/data') ? [randomUUID()] : (byName[name] ?? ofPath(operation) ?? [randomUUID()]),
  };
}

async function makeProvider(admin: string) {
  const body = {
    name: `Provider ${randomUUID()}`,
    driver: 'vapi',
    credentials: { apiKey: API_KEY },
    baseUrl: vapi.url,
    concurrencyLimit: 1,
    priority: 1,
  };
  const { id } = (await service.request('POST', '/v1/admin/providers', { token: admin, body })).body as { id: string };
  await service.request('POST', `/v1/admin/providers/${id}/import`, { token: admin });
  const idsIn = async (table: string) =>
    (await world.database.query<{ id: string }>(`select id from ${table} where provider_id = $1`, [id])).map(
      (row) => row.id,
    );
  const [phoneNumberId] = await idsIn('provider_phone_numbers');
  return { id, phoneNumberId: phoneNumberId!, assistantIds: await idsIn('provider_assistants') };
}

/** Somebody whose plan Stripe has not heard of, and who may buy one there. */
async function freeUser(): Promise<TestUser> {
  const user = await world.user();
  await user.request('POST', '/v1/subscription', { body: { planId: plans.planId('free') } });
  return user;
}

/** Of anybody, subscribed or not. */
async function queueCall(userId: string, templateId: string): Promise<string> {
  const [call] = await world.database.query<{ id: string }>(
    `insert into call_queue (user_id, recipient_number, scheduled_time, template_id)
     values ($1, '+12025550123', now(), $2) returning id`,
    [userId, templateId],
  );
  return call!.id;
}

async function history(userId: string): Promise<readonly string[]> {
  const rows = await world.database.query<{ id: string }>(
    `insert into user_call_history (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id, phone_number_id,
       recipient_number, status)
     select call.user_id, call.id, attempt.id, attempt.provider_call_id, attempt.provider_id, attempt.assistant_id,
            attempt.phone_number_id, call.recipient_number, 'in-progress'
       from call_attempts attempt join call_queue call on call.id = attempt.call_queue_id
      where call.user_id = $1
     on conflict do nothing returning id`,
    [userId],
  );
  return rows.map(({ id }) => id);
}

/** Requests to one route, from those that fit to those that nobody would send by mistake. */
function requestsTo(operation: Operation, scene: Scene): Arbitrary<RawRequest> {
  const values = new SchemaValues(api, (name) => scene.idsFor(operation, name));
  const parts = operation.parameters.map((parameter) => {
    const value = values.parameter(parameter.name, parameter.schema).map((text) => ({ ...parameter, text }));
    return parameter.in === 'path'
      ? value
      : fc.option(value, { nil: undefined, freq: parameter.in === 'header' ? 1 : 3 });
  });
  const oddQuery = fc.oneof(
    { arbitrary: fc.constant(''), weight: 8 },
    {
      arbitrary: fc.constantFrom(
        'limit=1&limit=2',
        'limit[]=1',
        'limit[a]=1',
        '__proto__=1',
        '%zz',
        '&&==&',
        'a=%ff',
        '?',
        'cursor=%00',
      ),
      weight: 1,
    },
    { arbitrary: fc.tuple(hostileText, hostileText).map((pair) => pair.map(percentEncoded).join('=')), weight: 1 },
  );
  const body = operation.bodySchema ? values.body(operation.bodySchema) : fc.constant(undefined);
  return fc.tuple(fc.tuple(...parts), oddQuery, body).map(([chosen, odd, text]) => {
    const given = chosen.filter((one) => one !== undefined);
    const query = given.filter((one) => one.in === 'query').map((one) => `${one.name}=${percentEncoded(one.text)}`);
    const search = [...query, odd].filter((one) => one !== '').join('&');
    const inPath = (name: string) => given.find((one) => one.in === 'path' && one.name === name)?.text ?? '';
    const headers = given
      .filter((one) => one.in === 'header')
      .map((one) => [one.name.toLowerCase(), headerSafe(one.text)]);
    return {
      method: operation.method,
      path: `${rawPath(operation, inPath)}${search && `?${search}`}`,
      headers: {
        authorization: `Bearer ${scene.token}`,
        ...(Object.fromEntries(headers) as Record<string, string>),
        ...(text !== undefined && { 'content-type': 'application/json' }),
      },
      ...(text !== undefined && { body: text }),
    };
  });
}

function rawPath({ path }: Operation, valueOf: (name: string) => string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => percentEncoded(valueOf(name)));
}

/** For the report: what was sent, shortened. */
function describeRequest({ method, path, headers, body }: RawRequest): string {
  const { authorization: _, ...shown } = headers;
  return `${method} ${path.slice(0, 500)} ${JSON.stringify(shown).slice(0, 500)} ${JSON.stringify(body ?? '').slice(0, 1_000)}`;
}

async function complaintsAbout(operation: Operation, request: RawRequest): Promise<readonly string[]> {
  const answer = await client.send(request);
  if (answer.status < 300) succeeded.add(operation.name);
  return api
    .complaintsAbout(operation, answer)
    .map((complaint) => `${describeRequest(request)}\n  ${complaint}\n  ${answer.text.slice(0, 500)}`);
}

/** Sends what the seed says, some at a time, until something is wrong. */
async function fuzz(operation: Operation, kind: CallerKind): Promise<void> {
  const scene = await sceneFor(operation, kind);
  const isRefused = kind === 'a user' && operation.access === 'admin';
  const complaints: string[] = [];
  const requests = fc.array(requestsTo(operation, scene), { minLength: 1, maxLength: REQUESTS_AT_ONCE, size: 'max' });
  const property = fc.asyncProperty(requests, async (several) => {
    const found = await Promise.all(several.map((request) => complaintsAbout(operation, request)));
    complaints.push(...found.flat());
    return found.flat().length === 0;
  });
  const numRuns = isRefused || operation.access === 'public' ? RUNS.refused : RUNS.admitted;
  const { failed, counterexamplePath, errorInstance } = await fc.check(property, {
    numRuns,
    seed: SEED,
    endOnFailure: true,
  });
  if (failed)
    throw new Error(`Seed ${SEED}, path ${counterexamplePath}:\n${complaints.join('\n') || String(errorInstance)}`);
}

describe.each<CallerKind>(['a user', 'an administrator'])('%s', (kind) => {
  it.each(operations.map((operation) => [operation.name, operation] as const))(
    `gets only what is described from %s (seed ${SEED})`,
    async (_, operation) => {
      await fuzz(operation, kind);
    },
  );
});

describe('every route with a body', () => {
  const TYPES = [
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json, text/plain',
    'application/vnd.api+json',
    'nonsense',
    '*/*',
    `a/${'b'.repeat(4_000)}`,
  ];

  it.each(operations.filter(({ bodySchema }) => bodySchema).map((operation) => [operation.name, operation] as const))(
    '%s takes JSON alone',
    async (_, operation) => {
      const token = await service.token({ userId: await world.database.createUser(), admin: true });
      const path = pathOf(operation, () => randomUUID());
      for (const type of TYPES) {
        const headers = { authorization: `Bearer ${token}`, 'content-type': type };
        const request = { method: operation.method, path, headers, body: JSON.stringify(operation.bodyExample) };
        const answer = await client.send(request);
        expect([type, answer.status]).toEqual([type, 415]);
        expect(api.complaintsAboutProblem(answer)).toEqual([]);
      }
    },
  );
});

describe('nesting', () => {
  const routes = operations.filter(({ bodySchema }) => bodySchema);
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

  it.each(routes.map((operation) => [operation.name, operation] as const))(
    'of any depth, in any place of a body, is no failure of %s',
    async (_, operation) => {
      const { token } = await sceneFor(operation, 'an administrator');
      const path = pathOf(operation, () => randomUUID());
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const names = Object.keys(api.resolve(operation.bodySchema ?? {}).properties ?? {});
      const inside = names.flatMap((name) => [lists, objects].map((shape) => `{"${name}":${shape(20_000)}}`));
      for (const body of [lists(500_000), objects(150_000), ...inside]) {
        const complaints = await complaintsAbout(operation, { method: operation.method, path, headers, body });
        expect(complaints).toEqual([]);
      }
    },
  );
});

it('has asked enough, and has not only been refused', () => {
  expect(client.sent).toBeGreaterThan(operations.length * 60);
  const refused = operations.map(({ name }) => name).filter((name) => !succeeded.has(name));
  expect(refused.filter((name) => !NOT_HERE.test(name))).toEqual([]);
});

/** What only vendors may send, and what depends on what else was asked before. */
const NOT_HERE =
  /webhooks|v1\/subscription|users\/\{userId\}\/limits|retry|DELETE \/v1\/admin\/(providers|phone-numbers)/;
