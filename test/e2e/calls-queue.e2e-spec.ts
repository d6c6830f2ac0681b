import { randomUUID } from 'node:crypto';
import { CallsWorld, type TestProvider, type TestUser } from '../support/calls-world';
import { type Answer, type Service, startService } from '../support/service';

const recipientNumber = '+12025550123';
const params = {
  name: { type: 'string', required: true, maxLength: 20 },
  day: { type: 'date' },
  tone: { type: 'string', default: 'warm', enum: ['warm', 'brief'] },
};

describe('POST /v1/calls', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let provider: TestProvider;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    provider = await world.provider();
    templateId = await world.template(user, { params, paramsOrder: ['name', 'day', 'tone'] });
  });
  afterAll(() => service.stop());

  const queue = (body: object, by: TestUser = user): Promise<Answer> =>
    by.request('POST', '/v1/calls', {
      body: { templateId, recipientNumber, customVariables: { name: 'Ada' }, ...body },
    });

  it('queues a call', async () => {
    const answer = await queue({ customVariables: { name: 'Ada', day: '2028-02-29' } });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.any(String),
      status: 'queued',
      recipientNumber,
      scheduledTime: null,
      templateId,
      providerId: null,
      customVariables: { name: 'Ada', day: '2028-02-29' },
      callId: null,
      failure: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    const read = await user.request('GET', `/v1/calls/${answer.body.id}`);
    expect(read.body).toEqual({ ...answer.body, attempts: [] });
  });

  it('keeps a time in the future and dials one in the past now', async () => {
    const later = new Date(Date.now() + 86_400_000).toISOString();
    expect((await queue({ scheduledTime: later })).body.scheduledTime).toBe(later);
    const { id } = (await queue({ scheduledTime: '2001-01-01T00:00:00+02:00' })).body;
    const [row] = await service.database.query('select due_at = created_at as now from call_queue where id = $1', [id]);
    expect(row).toEqual({ now: true });
  });

  it('pins the call to a provider', async () => {
    const answer = await queue({ providerId: provider.id });
    expect(answer.body).toMatchObject({ status: 'queued', providerId: provider.id });
    const rows = await service.database.query('select pinned_provider_id, provider_id from call_queue where id = $1', [
      answer.body.id,
    ]);
    expect(rows).toEqual([{ pinned_provider_id: provider.id, provider_id: null }]);
  });

  it('queues one call for two requests with one key, and replays the first answer', async () => {
    const body = { templateId, recipientNumber, customVariables: { name: 'Once' } };
    const headers = { 'idempotency-key': randomUUID() };
    const first = await user.request('POST', '/v1/calls', { body, headers });
    const second = await user.request('POST', '/v1/calls', { body, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const [count] = await service.database.query(
      `select count(*)::integer as calls from call_queue where custom_variables = '{"name": "Once"}'`,
    );
    expect(count).toEqual({ calls: 1 });
  });

  it.each([
    ['an unknown property', { status: 'completed' }],
    ['a template id that is none', { templateId: 'reminder' }],
    ['a number that is no text', { recipientNumber: 12_025_550_123 }],
    ['a time without a zone', { scheduledTime: '2026-12-01T10:00:00' }],
    ['a time that does not exist', { scheduledTime: '2027-02-29T10:00:00Z' }],
    ['a time more than a year ahead', { scheduledTime: '2096-01-01T00:00:00Z' }],
    ['variables that are a list', { customVariables: [] }],
    ['a text that cannot be stored', { customVariables: { name: 'a\0b' } }],
  ])('refuses %s with 400', async (_, body) => {
    const answer = await queue(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });

  it.each(['12025550123', '+1 202 555 0123', '+12025550', '+10000000000', 'Ada', '+12025550123;ext=1'])(
    'refuses the number %p with 422',
    async (number) => {
      const answer = await queue({ recipientNumber: number });
      expect([answer.status, answer.body.code]).toEqual([422, 'calls.invalid_number']);
    },
  );

  it('names every variable that does not hold', async () => {
    const answer = await queue({ customVariables: { day: '2027-02-29', tone: 'loud', extra: 1 } });
    expect([answer.status, answer.body.code]).toEqual([422, 'calls.invalid_variables']);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'customVariables.extra',
      'customVariables.name',
      'customVariables.day',
      'customVariables.tone',
    ]);
  });

  it('refuses an inactive user with 403, before anything else', async () => {
    const inactive = await world.user();
    const answer = await queue({ templateId: randomUUID(), recipientNumber: 'Ada' }, inactive);
    expect([answer.status, answer.body.code]).toEqual([403, 'users.inactive']);
  });

  it("refuses a template that is not there, or someone else's, with 404", async () => {
    const other = await world.subscribedUser();
    const hidden = await world.template(other);
    for (const unseen of [randomUUID(), hidden]) {
      const answer = await queue({ templateId: unseen });
      expect([answer.status, answer.body.code]).toEqual([404, 'calls.template_not_found']);
    }
    const shared = await world.template(other, { isPublic: true });
    expect((await queue({ templateId: shared, customVariables: {} })).status).toBe(201);
  });

  it('refuses a provider that is unknown or inactive, or not the one of the template', async () => {
    const idle = await world.provider({ isActive: false });
    for (const providerId of [randomUUID(), idle.id]) {
      const answer = await queue({ providerId });
      expect([answer.status, answer.body.code]).toEqual([422, 'calls.provider_unavailable']);
    }
    const other = await world.provider();
    const pinned = await world.template(user, { providerId: provider.id });
    const mismatch = await queue({ templateId: pinned, providerId: other.id, customVariables: {} });
    expect([mismatch.status, mismatch.body.code]).toEqual([422, 'calls.provider_mismatch']);
    const match = await queue({ templateId: pinned, providerId: provider.id, customVariables: {} });
    expect(match.status).toBe(201);
  });

  it('refuses what the allowance does not hold, as far as it is spoken for in this period', async () => {
    const limited = await world.subscribedUser(2);
    const template = await world.template(limited);
    const order = (scheduledTime?: string) =>
      queue({ templateId: template, customVariables: {}, scheduledTime }, limited);
    const nextPeriod = new Date(Date.now() + 60 * 86_400_000).toISOString();
    expect((await order(nextPeriod)).status).toBe(201);
    const { body: first } = await order();
    expect((await order(new Date(Date.now() + 86_400_000).toISOString())).status).toBe(201);
    const refused = await order();
    expect([refused.status, refused.body.code]).toEqual([402, 'billing.quota_exceeded']);
    expect((await order(nextPeriod)).status).toBe(201);
    await limited.request('POST', `/v1/calls/${first.id}/cancel`);
    expect((await order()).status).toBe(201);
  });
});

describe('a direct insert into call_queue', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    templateId = await world.template(user);
  });
  afterAll(() => service.stop());

  const insert = (by: TestUser, columns: string, values: string) =>
    world.asUser(by, `insert into call_queue (${columns}) values (${values})`);
  const columns = 'user_id, recipient_number, template_id';

  it('is a call like any other', async () => {
    await insert(user, columns, `'${user.id}', '${recipientNumber}', '${templateId}'`);
    const { body } = await user.request('GET', '/v1/calls');
    expect(body.items).toMatchObject([{ status: 'queued', recipientNumber, templateId, customVariables: {} }]);
  });

  it("is refused for another user's id, an inactive user, a hidden template, a bad number and other columns", async () => {
    const other = await world.subscribedUser();
    const inactive = await world.user();
    const hidden = await world.template(other);
    const own = `'${user.id}', '${recipientNumber}', '${templateId}'`;
    await expect(insert(other, columns, own)).rejects.toThrow(/row-level security/);
    await expect(insert(inactive, columns, `'${inactive.id}', '${recipientNumber}', '${templateId}'`)).rejects.toThrow(
      /row-level security/,
    );
    await expect(insert(user, columns, `'${user.id}', '${recipientNumber}', '${hidden}'`)).rejects.toThrow(
      /row-level security/,
    );
    await expect(insert(user, columns, `'${user.id}', '555-0123', '${templateId}'`)).rejects.toThrow(
      /check constraint/,
    );
    await expect(insert(user, `${columns}, status`, `${own}, 'completed'`)).rejects.toThrow(/permission denied/);
  });
});
