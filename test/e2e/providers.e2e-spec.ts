import { DEFAULT_ASSISTANTS, DEFAULT_PHONE_NUMBERS } from '../../sandbox/vapi/defaults';
import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { makeSecret } from '../support/run-record';
import { type RequestOptions, type Service, startService } from '../support/service';

const NOBODY = '00000000-0000-4000-8000-000000000000';
const API_KEY = makeSecret('sandbox-key');

jest.setTimeout(30_000);

let service: Service;
let sandbox: VapiSandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startVapiSandbox({ apiKey: API_KEY });
  service = await startService();
  token = await service.token({ userId: await service.database.createUser(), admin: true });
}, 60_000);
afterAll(async () => {
  await service.stop();
  await sandbox.stop();
}, 60_000);

let serial = 0;
const unique = (word: string) => `${word} ${String((serial += 1))}`;
const admin = (method: string, path: string, body?: unknown, headers: RequestOptions['headers'] = {}) =>
  service.request(method, `/v1/admin/${path}`, { token, headers, ...(body === undefined ? {} : { body }) });
const newProvider = (changes: Record<string, unknown> = {}) => ({
  name: unique('Provider'),
  driver: 'vapi',
  type: 'voice',
  credentials: { apiKey: API_KEY },
  baseUrl: sandbox.url,
  concurrencyLimit: 10,
  priority: 1,
  isActive: true,
  ...changes,
});
const create = async (path: string, body: unknown): Promise<{ id: string; name?: string }> => {
  const answer = await admin('POST', path, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body as { id: string; name?: string };
};
const storedCredentials = async (id: string): Promise<string> => {
  const [row] = await service.database.query<{ text: string }>(
    'select api_credentials as text from call_service_providers where id = $1',
    [id],
  );
  return row!.text;
};

describe('providers', () => {
  it('creates, reads, changes and deletes one', async () => {
    const body = newProvider();
    const created = await create('providers', body);
    expect(created).toMatchObject({
      name: body.name,
      driver: 'vapi',
      type: 'voice',
      credentialsSet: true,
      credentialsKeyId: 'test',
      baseUrl: sandbox.url,
      webhookUrl: `${service.url}/v1/webhooks/providers/${created.id}`,
      concurrencyLimit: 10,
      priority: 1,
      isActive: true,
      health: 'closed',
      pausedUntil: null,
    });
    const path = `providers/${created.id}`;
    expect((await admin('GET', path)).body).toEqual(created);
    const changed = await admin('PATCH', path, { concurrencyLimit: 0, priority: 2, isActive: false, baseUrl: null });
    expect(changed.body).toMatchObject({ concurrencyLimit: 0, priority: 2, isActive: false, baseUrl: null });
    expect((await admin('PATCH', path, {})).body).toMatchObject({ name: body.name, priority: 2 });
    expect((await admin('DELETE', path)).status).toBe(204);
    expect(await admin('GET', path)).toMatchObject({ status: 404, body: { code: 'providers.not_found' } });
  });

  it('never tells credentials, and keeps them unreadable in the database', async () => {
    const credentials = { apiKey: makeSecret('very-secret-key'), webhookSecret: makeSecret('very-secret-hook') };
    const { id } = await create('providers', newProvider({ credentials }));
    const answers = [await admin('GET', `providers/${id}`), await admin('GET', 'providers?limit=200')];
    for (const { body } of answers) expect(JSON.stringify(body)).not.toMatch(/very-secret|eyJ/);
    expect(await storedCredentials(id)).not.toContain('very-secret');
  });

  it('takes defaults for what may be omitted', async () => {
    const { driver, credentials, concurrencyLimit, priority, name } = newProvider();
    const created = await create('providers', { driver, credentials, concurrencyLimit, priority, name });
    expect(created).toMatchObject({ type: 'voice', baseUrl: null, isActive: true });
  });

  it.each([
    ['an unknown driver', { driver: 'carrier-pigeon' }, 'driver'],
    ['a negative limit', { concurrencyLimit: -1 }, 'concurrencyLimit'],
    ['a limit beyond reason', { concurrencyLimit: 10_001 }, 'concurrencyLimit'],
    ['a priority before the first', { priority: 0 }, 'priority'],
    ['another type', { type: 'fax' }, 'type'],
    ['no key', { credentials: {} }, 'credentials.apiKey'],
    ['a key that fits into no header', { credentials: { apiKey: `${API_KEY}\nb` } }, 'credentials.apiKey'],
    ['a base URL that is none', { baseUrl: 'ftp://example.com' }, 'baseUrl'],
    ['an unknown property', { colour: 'red' }, 'colour'],
  ])('refuses %s', async (_, changes, path) => {
    const answer = await admin('POST', 'providers', newProvider(changes));
    expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid', errors: [{ path }] } });
  });

  it('refuses a name that is taken, when creating and when changing', async () => {
    const [one, other] = [await create('providers', newProvider()), await create('providers', newProvider())];
    const taken = { status: 409, body: { code: 'providers.name_taken' } };
    expect(await admin('POST', 'providers', newProvider({ name: one.name }))).toMatchObject(taken);
    expect(await admin('PATCH', `providers/${other.id}`, { name: one.name })).toMatchObject(taken);
  });

  it('keeps the driver of a provider', async () => {
    const { id } = await create('providers', newProvider());
    expect((await admin('PATCH', `providers/${id}`, { driver: 'vapi', priority: 3 })).status).toBe(200);
    expect(await admin('PATCH', `providers/${id}`, { driver: 'retell' })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ path: 'driver' }] },
    });
  });

  it('replaces the key, and ends pauses and an open breaker with it', async () => {
    const { id } = await create('providers', newProvider({ credentials: { apiKey: makeSecret('a-wrong-key') } }));
    expect((await admin('POST', `providers/${id}/verify`)).body).toMatchObject({ ok: false });
    await service.database.query(
      `update call_service_providers
       set health = 'open', failures = 9, probe_at = now() + interval '1 hour', pauses = 4, pause_reason = 'no credit',
           paused_until = now() + interval '1 hour'
       where id = $1`,
      [id],
    );
    expect((await admin('GET', `providers/${id}`)).body).toMatchObject({ health: 'open', pauseReason: 'no credit' });
    await admin('PATCH', `providers/${id}`, { priority: 2 });
    expect((await admin('GET', `providers/${id}`)).body).toMatchObject({ health: 'open' });
    const renewed = await admin('PATCH', `providers/${id}`, { credentials: { apiKey: API_KEY } });
    expect(renewed.body).toMatchObject({ health: 'closed', pausedUntil: null, pauseReason: null });
    expect((await admin('POST', `providers/${id}/verify`)).body).toMatchObject({ ok: true });
  });

  it('refuses to delete what is referred to', async () => {
    const { id } = await create('providers', newProvider());
    await create('assistants', { providerId: id, externalId: 'a1', name: 'Reminder' });
    const answer = await admin('DELETE', `providers/${id}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'providers.in_use' } });
    expect(answer.body.detail).toMatch(/Deactivate/);
  });

  it('creates one provider for a repeated Idempotency-Key', async () => {
    const body = newProvider();
    const first = await admin('POST', 'providers', body, { 'idempotency-key': 'provider-once' });
    const second = await admin('POST', 'providers', body, { 'idempotency-key': 'provider-once' });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('pages newest first', async () => {
    const created = [];
    for (let index = 0; index < 3; index += 1) created.push((await create('providers', newProvider())).id);
    const { body: first } = await admin('GET', 'providers?limit=2');
    const { body: second } = await admin('GET', `providers?limit=1&cursor=${String(first.nextCursor)}`);
    expect([...first.items, ...second.items].map((item: { id: string }) => item.id)).toEqual(created.reverse());
    expect(await admin('GET', 'providers?cursor=nonsense')).toMatchObject({ status: 400 });
  });
});

describe('import', () => {
  it('creates, updates and deactivates what the vendor lists', async () => {
    const { id } = await create('providers', newProvider());
    const importing = async () => (await admin('POST', `providers/${id}/import`)).body;
    const nothing = { created: 0, updated: 0, deactivated: 0 };

    expect(await importing()).toEqual({
      phoneNumbers: { created: 3, updated: 0, deactivated: 0 },
      assistants: { created: 3, updated: 0, deactivated: 0 },
    });
    expect(await importing()).toEqual({ phoneNumbers: nothing, assistants: nothing });

    const [main, second] = DEFAULT_PHONE_NUMBERS;
    const changed = await startVapiSandbox({
      apiKey: API_KEY,
      phoneNumbers: [{ ...main!, number: '+493012345678' }, second!],
      assistants: [{ ...DEFAULT_ASSISTANTS[0]!, name: 'Renamed' }],
    });
    await admin('PATCH', `providers/${id}`, { baseUrl: changed.url });
    expect(await importing()).toEqual({
      phoneNumbers: { created: 0, updated: 1, deactivated: 1 },
      assistants: { created: 0, updated: 1, deactivated: 2 },
    });
    await changed.stop();
    const { items } = (await admin('GET', 'phone-numbers?limit=200')).body;
    const ours = items.filter((item: { providerId: string }) => item.providerId === id);
    expect(ours).toContainEqual(
      expect.objectContaining({
        phoneId: main!.id,
        countryCode: '49',
        areaCode: '30',
        phoneNumber: '12345678',
        fullNumber: '+493012345678',
        isActive: true,
        capabilities: ['voice'],
      }),
    );
    expect(ours).toContainEqual(expect.objectContaining({ phoneId: DEFAULT_PHONE_NUMBERS[2]!.id, isActive: false }));
    expect(JSON.stringify(ours)).not.toMatch(/token|secret/i);
  });

  it('gives the same rows when two imports run at once', async () => {
    const { id } = await create('providers', newProvider());
    const answers = await Promise.all([1, 2, 3].map(() => admin('POST', `providers/${id}/import`)));
    expect(answers.map(({ body }) => body.phoneNumbers.created).sort()).toEqual([0, 0, 3]);
  });

  it('says so when the vendor turns the key away, or is not there', async () => {
    const wrong = await create('providers', newProvider({ credentials: { apiKey: makeSecret('a-wrong-key') } }));
    const away = await create('providers', newProvider({ baseUrl: 'http://127.0.0.1:1' }));
    for (const { id } of [wrong, away]) {
      const answer = await admin('POST', `providers/${id}/import`);
      expect(answer).toMatchObject({ status: 503, body: { code: 'providers.vendor_unavailable' } });
      expect((await admin('POST', `providers/${id}/verify`)).body).toMatchObject({ ok: false });
    }
  });
});

describe.each([
  ['phone-numbers', 'phone_number', { phoneId: 'p1', fullNumber: '+12025550123' }, 'phoneId'],
  ['assistants', 'assistant', { externalId: 'a1', name: 'Reminder' }, 'externalId'],
])('%s', (path, word, content, vendorId) => {
  let providerId: string;
  beforeAll(async () => {
    providerId = (await create('providers', newProvider())).id;
  });

  it('creates, reads, lists, changes and deletes one', async () => {
    const created = await create(path, { providerId, ...content });
    expect(created).toMatchObject({ providerId, ...content, isActive: true });
    const own = `${path}/${created.id}`;
    expect((await admin('GET', own)).body).toEqual(created);
    expect((await admin('GET', path)).body.items[0]).toEqual(created);
    expect((await admin('PATCH', own, { isActive: false })).body).toMatchObject({ isActive: false, ...content });
    expect((await admin('PATCH', own, {})).status).toBe(200);
    expect((await admin('DELETE', own)).status).toBe(204);
    expect(await admin('GET', own)).toMatchObject({ status: 404, body: { code: `providers.${word}_not_found` } });
    expect((await admin('DELETE', own)).status).toBe(404);
    expect((await admin('PATCH', own, { isActive: true })).status).toBe(404);
  });

  it("refuses the vendor's id a second time at one provider, and takes it at another", async () => {
    const body = { providerId, ...content, [vendorId]: unique('id') };
    await create(path, body);
    expect(await admin('POST', path, body)).toMatchObject({ status: 409, body: { code: `providers.${word}_taken` } });
    const other = await create('providers', newProvider());
    await create(path, { ...body, providerId: other.id });
  });

  it('refuses a provider that does not exist', async () => {
    expect(await admin('POST', path, { ...content, providerId: NOBODY })).toMatchObject({
      status: 400,
      body: { code: 'request.invalid', errors: [{ path: 'providerId' }] },
    });
  });
});

describe('a phone number', () => {
  let providerId: string;
  beforeAll(async () => {
    providerId = (await create('providers', newProvider())).id;
  });

  it('is taken apart where its parts are omitted, and stored as given where they are not', async () => {
    const fullNumber = '+12025550199';
    expect(await create('phone-numbers', { providerId, phoneId: 'parsed', fullNumber })).toMatchObject({
      countryCode: '1',
      areaCode: '202',
      phoneNumber: '5550199',
      capabilities: ['voice'],
    });
    const given = { countryCode: '+1', areaCode: null, phoneNumber: '2025550199', capabilities: ['voice', 'sms'] };
    expect(await create('phone-numbers', { providerId, phoneId: 'given', fullNumber, ...given })).toMatchObject(given);
  });

  it('comes out of quarantine when it is switched on', async () => {
    const { id } = await create('phone-numbers', { providerId, phoneId: 'resting', fullNumber: '+12025550198' });
    await service.database.query(
      `update provider_phone_numbers set quarantined_until = now() + interval '1 hour', quarantine_reason = 'daily limit'
       where id = $1`,
      [id],
    );
    expect((await admin('GET', `phone-numbers/${id}`)).body).toMatchObject({ quarantineReason: 'daily limit' });
    const answer = await admin('PATCH', `phone-numbers/${id}`, { isActive: true });
    expect(answer.body).toMatchObject({ quarantinedUntil: null, quarantineReason: null });
  });
});

describe('who may', () => {
  it.each(['providers', 'phone-numbers', 'assistants'])('only administrators and services see %s', async (path) => {
    const user = await service.token({ userId: await service.database.createUser() });
    const internal = await service.token({ role: 'service_role' });
    expect((await service.request('GET', `/v1/admin/${path}`)).status).toBe(401);
    expect((await service.request('GET', `/v1/admin/${path}`, { token: user })).status).toBe(403);
    expect((await service.request('GET', `/v1/admin/${path}`, { token: internal })).status).toBe(200);
    expect((await admin('GET', `${path}/not-a-uuid`)).status).toBe(400);
  });
});

it('describes every route for administrators', async () => {
  const { paths } = (await service.request('GET', '/openapi.json')).body;
  const described = (path: string) => Object.keys(paths[`/v1/admin/${path}`] ?? {}).sort();
  for (const path of ['providers', 'phone-numbers', 'assistants']) {
    expect(described(path)).toEqual(['get', 'post']);
    expect(described(`${path}/{id}`)).toEqual(['delete', 'get', 'patch']);
    expect(paths[`/v1/admin/${path}`].post.responses['201'].content['application/json'].schema).toHaveProperty('$ref');
    expect(JSON.stringify(paths[`/v1/admin/${path}`].post)).toMatch(/Idempotency-Key/);
  }
  for (const action of ['verify', 'import']) expect(described(`providers/{id}/${action}`)).toEqual(['post']);
});
