import { startVapiSandbox, type VapiSandbox } from '../../sandbox/vapi/vapi-sandbox';
import { makeSecret } from '../support/run-record';
import { type Answer, type RequestOptions, type Service, startService } from '../support/service';

const API_KEY = makeSecret('a-key-that-nobody-may-read');
const HOOK_SECRET = makeSecret('a-hook-secret-that-nobody-may-read');

jest.setTimeout(60_000);

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly subject: { readonly kind: string; readonly id: string | null };
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

let service: Service;
let sandbox: VapiSandbox;
let adminId: string;
let token: string;
let serial = 0;

beforeAll(async () => {
  sandbox = await startVapiSandbox({ apiKey: API_KEY });
  service = await startService();
  adminId = await service.database.createUser();
  token = await service.token({ userId: adminId, admin: true });
});
afterAll(async () => {
  await service.stop();
  await sandbox.stop();
});

async function admin(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
  const sent = body === undefined ? {} : { body };
  return service.request(method, `/v1/admin/${path}`, { token, ...sent, ...options });
}

async function done(...request: Parameters<typeof admin>): Promise<Answer['body']> {
  const answer = await admin(...request);
  if (answer.status >= 300) throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

const newProvider = (changes: object = {}) => ({
  name: `Provider ${String((serial += 1))}`,
  driver: 'vapi',
  credentials: { apiKey: API_KEY, webhookSecret: HOOK_SECRET },
  baseUrl: sandbox.url,
  concurrencyLimit: 10,
  priority: 1,
  ...changes,
});

const entriesOf = async (subjectId: string): Promise<Entry[]> =>
  (await done('GET', `audit?limit=200&subjectId=${subjectId}`)).items;
const countAll = async () => (await service.database.query('select from admin_audit_entries')).length;

describe('an audit entry', () => {
  it('tells who did what to what, when, and in which request', async () => {
    const headers = { 'x-request-id': 'request-of-the-administrator' };
    const { id, name } = await done('POST', 'providers', newProvider(), { headers });
    expect(await entriesOf(id)).toEqual([
      {
        id: expect.any(String),
        action: 'provider.create',
        subject: { kind: 'provider', id },
        actor: { kind: 'user', userId: adminId },
        before: null,
        after: expect.objectContaining({
          name,
          driver: 'vapi',
          priority: 1,
          credentials: { set: true, keyId: 'test' },
        }),
        requestId: 'request-of-the-administrator',
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });

  it('shows of a change what differed, and nothing is written when nothing did', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    await done('PATCH', `providers/${id}`, { priority: 7, concurrencyLimit: 10 });
    await done('PATCH', `providers/${id}`, { priority: 7 });
    await done('PATCH', `providers/${id}`, {});
    expect(await entriesOf(id)).toMatchObject([
      { action: 'provider.change', before: { priority: 1 }, after: { priority: 7 } },
      { action: 'provider.create' },
    ]);
    const [{ before, after } = {}] = await entriesOf(id);
    expect([before, after]).toEqual([{ priority: 1 }, { priority: 7 }]);
  });

  it('tells that credentials were replaced, and never what they are', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    await done('PATCH', `providers/${id}`, { credentials: { apiKey: `${API_KEY}-2` }, priority: 3 });
    const masked = { set: true, keyId: 'test' };
    expect((await entriesOf(id))[0]).toMatchObject({
      action: 'provider.change_credentials',
      before: { credentials: masked, priority: 1 },
      after: { credentials: masked, priority: 3 },
    });
    const rows = await service.database.query('select entry::text as text from admin_audit_entries entry');
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toMatch(/nobody-may-read|eyJ/);
  });

  it('outlives what it is about', async () => {
    const { id, name } = await done('POST', 'providers', newProvider());
    await done('DELETE', `providers/${id}`);
    expect(await entriesOf(id)).toMatchObject([
      { action: 'provider.remove', before: { name }, after: null },
      { action: 'provider.create' },
    ]);
  });

  it('comes from pausing and resuming a provider and the queue', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    await done('POST', `providers/${id}/pause`, { reason: 'maintenance' });
    await done('POST', `providers/${id}/resume`);
    expect((await entriesOf(id)).slice(0, 2)).toMatchObject([
      { action: 'provider.resume', before: { suspension: { reason: 'maintenance' } }, after: { suspension: null } },
      { action: 'provider.pause', before: { suspension: null }, after: { suspension: { reason: 'maintenance' } } },
    ]);
    await done('POST', 'queue/pause');
    await done('POST', 'queue/resume');
    for (const [action, paused] of [
      ['queue.pause', true],
      ['queue.resume', false],
    ] as const) {
      expect((await done('GET', `audit?action=${action}&limit=1`)).items).toMatchObject([
        { subject: { kind: 'queue', id: null }, before: { paused: !paused }, after: { paused } },
      ]);
    }
  });

  it('comes from an import, and from each number and assistant that it touches', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    const headers = { 'x-request-id': 'an-import' };
    const counts = await done('POST', `providers/${id}/import`, undefined, { headers });
    expect((await entriesOf(id))[0]).toMatchObject({ action: 'provider.import', after: counts });
    const rows = await service.database.query(
      `select action, count(*)::int from admin_audit_entries where request_id = 'an-import' group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { action: 'assistant.create', count: 3 },
      { action: 'phone_number.create', count: 3 },
      { action: 'provider.import', count: 1 },
    ]);
  });

  it.each([
    ['phone-numbers', 'phone_number', { phoneId: 'line-1', fullNumber: '+12025550123' }],
    ['assistants', 'assistant', { externalId: 'assistant-1', name: 'Reminder' }],
  ])('comes from creating, changing and removing one of the %s', async (path, kind, content) => {
    const { id: providerId } = await done('POST', 'providers', newProvider());
    const { id } = await done('POST', path, { providerId, ...content });
    await done('PATCH', `${path}/${id}`, { isActive: false });
    await done('PATCH', `${path}/${id}`, { isActive: false });
    await done('DELETE', `${path}/${id}`);
    expect(await entriesOf(id)).toMatchObject([
      { action: `${kind}.remove`, before: { ...content, isActive: false }, after: null },
      { action: `${kind}.change`, before: { isActive: true }, after: { isActive: false } },
      { action: `${kind}.create`, subject: { kind, id }, before: null, after: { providerId, ...content } },
    ]);
  });

  it('names an internal service, and the user whom it names', async () => {
    const internal = await service.token({ role: 'service_role' });
    const own = await done('POST', 'providers', newProvider(), { token: internal });
    const headers = { 'x-on-behalf-of': adminId };
    const onBehalf = await done('POST', 'providers', newProvider(), { token: internal, headers });
    expect((await entriesOf(own.id))[0]).toMatchObject({ actor: { kind: 'service', userId: null } });
    expect((await entriesOf(onBehalf.id))[0]).toMatchObject({ actor: { kind: 'service', userId: adminId } });
  });

  it('is written once for a repeated Idempotency-Key, by whoever sent it', async () => {
    const body = newProvider();
    const headers = { 'idempotency-key': 'audited-once' };
    const { id } = await done('POST', 'providers', body, { headers });
    await done('POST', 'providers', body, { headers });
    expect(await entriesOf(id)).toMatchObject([{ actor: { kind: 'user', userId: adminId } }]);
  });
});

describe('a change and its entry', () => {
  it('commit together: a change that is refused leaves none', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    await done('POST', 'assistants', { providerId: id, externalId: 'a1', name: 'Reminder' });
    const taken = await done('POST', 'providers', newProvider());
    const before = await countAll();
    expect((await admin('DELETE', `providers/${id}`)).status).toBe(409);
    expect((await admin('PATCH', `providers/${id}`, { name: taken.name })).status).toBe(409);
    expect((await admin('POST', 'providers', newProvider({ name: taken.name }))).status).toBe(409);
    expect((await admin('POST', `providers/${id}/pause`, { until: '2020-01-01T00:00:00Z' })).status).toBe(400);
    expect(await countAll()).toBe(before);
  });

  it('commit together: a change whose entry cannot be written is not made', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    const numberId = (await done('POST', 'phone-numbers', { providerId: id, phoneId: 'p', fullNumber: '+12025550123' }))
      .id as string;
    const { query } = service.database;
    await query(`alter table admin_audit_entries add constraint closed check (false) not valid`);
    const requests = [
      ['PATCH', `providers/${id}`, { priority: 9 }],
      ['POST', `providers/${id}/pause`, {}],
      ['POST', 'providers', newProvider({ name: 'Never' })],
      ['POST', `providers/${id}/import`, undefined],
      ['DELETE', `phone-numbers/${numberId}`, undefined],
      ['POST', 'queue/pause', undefined],
    ] as const;
    for (const [method, path, body] of requests) expect((await admin(method, path, body)).status).toBe(500);
    await query('alter table admin_audit_entries drop constraint closed');
    expect(await done('GET', `providers/${id}`)).toMatchObject({ priority: 1, suspension: null });
    expect((await done('GET', `phone-numbers/${numberId}`)).id).toBe(numberId);
    expect(await query(`select from call_service_providers where name = 'Never'`)).toEqual([]);
    expect(await query('select from provider_assistants where provider_id = $1', [id])).toEqual([]);
    expect(await query('select is_paused from dispatch_control')).toEqual([{ is_paused: false }]);
  });

  it.each([
    ['providers', 'name', {}],
    ['assistants', 'name', { externalId: 'assistant-1', name: 'first' }],
    ['phone-numbers', 'areaCode', { phoneId: 'line-1', fullNumber: '+12025550123' }],
  ])('agree when several administrators change one of the %s at once', async (path, field, content) => {
    const provider = await done('POST', 'providers', newProvider());
    const { id, ...first } =
      path === 'providers' ? provider : await done('POST', path, { providerId: provider.id, ...content });
    const values = ['301', '302', '303', '304', '305', '306'];
    await Promise.all(values.map((value) => done('PATCH', `${path}/${id}`, { [field]: value })));
    const changes = (await entriesOf(id)).slice(0, -1).map(({ before, after }) => [before?.[field], after?.[field]]);
    expect(changes.map(([, after]) => after).sort()).toEqual(values);
    for (const [index, [before]] of changes.entries()) expect(before).toBe(changes[index + 1]?.[1] ?? first[field]);
  });
});

describe('the list', () => {
  it('pages through one subject, newest first, without gaps', async () => {
    const { id } = await done('POST', 'providers', newProvider());
    for (const priority of [2, 3, 4, 5]) await done('PATCH', `providers/${id}`, { priority });
    const first = await done('GET', `audit?subjectId=${id}&action=provider.change&limit=3`);
    const second = await done('GET', `audit?subjectId=${id}&action=provider.change&limit=3&cursor=${first.nextCursor}`);
    const priorities = [...first.items, ...second.items].map((entry: Entry) => entry.after?.['priority']);
    expect(priorities).toEqual([5, 4, 3, 2]);
    expect(second.nextCursor).toBeNull();
  });

  it.each(['subjectId=7', 'action=drop table', 'cursor=x', 'limit=0', 'colour=red'])('refuses %s', async (query) => {
    expect(await admin('GET', `audit?${query}`)).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
  });

  it('is for administrators and internal services', async () => {
    const user = await service.token({ userId: await service.database.createUser({ isActive: true }) });
    expect((await service.request('GET', '/v1/admin/audit')).status).toBe(401);
    expect((await service.request('GET', '/v1/admin/audit', { token: user })).status).toBe(403);
    const internal = await service.token({ role: 'service_role' });
    expect((await service.request('GET', '/v1/admin/audit', { token: internal })).status).toBe(200);
  });
});
