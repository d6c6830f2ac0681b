import { randomUUID } from 'node:crypto';
import { CallsWorld, type TestProvider, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';

describe('call templates', () => {
  let service: Service;
  let world: CallsWorld;
  let owner: TestUser;
  let other: TestUser;
  let first: TestProvider;
  let second: TestProvider;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    [owner, other] = [await world.user({ isActive: true }), await world.user({ isActive: true })];
    [first, second] = [await world.provider(), await world.provider({ priority: 2 })];
  });
  afterAll(() => service.stop());

  const create = (body: object, by = owner) =>
    by.request('POST', '/v1/call-templates', { body: { name: 'Reminder', ...body } });
  const change = (id: string, body: object, by = owner) => by.request('PATCH', `/v1/call-templates/${id}`, { body });
  const read = (id: string, by = owner) => by.request('GET', `/v1/call-templates/${id}`);

  const full = () => ({
    name: 'Appointment',
    description: 'Reminds of an appointment.',
    category: 'reminders',
    tags: ['health', 'day'],
    isPublic: false,
    providerId: null,
    assistantId: first.assistantId,
    fallbackAssistantIds: [second.assistantId],
    params: {
      patient: { type: 'string', label: 'Patient', required: true, maxLength: 40 },
      age: { type: 'number', enum: [1, 2], default: 2 },
    },
    paramsOrder: ['patient', 'age'],
    maxDurationSeconds: 120,
  });

  it('keeps a template as it was given', async () => {
    const answer = await create(full());
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ ...full(), id: expect.any(String), createdBy: owner.id });
    expect(Object.keys(answer.body.params)).toEqual(['patient', 'age']);
    expect((await read(answer.body.id)).body).toEqual(answer.body);
  });

  it('needs nothing but a name', async () => {
    const { body } = await create({ params: { b: { type: 'string' }, a: { type: 'date' } } });
    expect(body).toEqual({
      id: expect.any(String),
      name: 'Reminder',
      description: '',
      category: null,
      tags: [],
      isPublic: false,
      createdBy: owner.id,
      providerId: null,
      assistantId: null,
      fallbackAssistantIds: [],
      params: { b: { type: 'string' }, a: { type: 'date' } },
      paramsOrder: ['b', 'a'],
    });
  });

  it('adds one template for one key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const options = { body: { name: 'Once' }, headers };
    const answers = [
      await owner.request('POST', '/v1/call-templates', options),
      await owner.request('POST', '/v1/call-templates', options),
    ];
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[1]?.headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    ['no name', { name: undefined }],
    ['an empty name', { name: ' ' }],
    ['an unknown property', { createdBy: randomUUID() }],
    ['an unknown param type', { params: { a: { type: 'text' } } }],
    ['a param name that is none', { params: { 'a b': { type: 'string' } } }],
    ['a default of another type', { params: { a: { type: 'number', default: '7' } } }],
    ['a default outside the choices', { params: { a: { type: 'string', enum: ['x'], default: 'y' } } }],
    ['a day that does not exist', { params: { a: { type: 'date', default: '2027-02-29' } } }],
    ['a length for numbers', { params: { a: { type: 'number', maxLength: 3 } } }],
    ['an order that leaves a param out', { params: { a: { type: 'string' } }, paramsOrder: [] }],
    ['an order with a name of no param', { paramsOrder: ['constructor'] }],
    ['9 seconds', { maxDurationSeconds: 9 }],
    ['more than 12 hours', { maxDurationSeconds: 43_201 }],
  ])('refuses %s with 400', async (_, body) => {
    const answer = await create(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });

  it('takes 10 seconds and 12 hours', async () => {
    expect((await create({ maxDurationSeconds: 10 })).body.maxDurationSeconds).toBe(10);
    expect((await create({ maxDurationSeconds: 43_200 })).body.maxDurationSeconds).toBe(43_200);
  });

  it('refuses assistants that do not exist, or do not fit together', async () => {
    const sibling = await world.assistant(first.id);
    const idle = await world.provider({ isActive: false });
    const refusals: [object, string][] = [
      [{ assistantId: randomUUID() }, 'calls.assistant_not_found'],
      [{ assistantId: first.assistantId, fallbackAssistantIds: [randomUUID()] }, 'calls.assistant_not_found'],
      [{ assistantId: first.assistantId, fallbackAssistantIds: [sibling] }, 'calls.provider_mismatch'],
      [{ providerId: second.id, assistantId: first.assistantId }, 'calls.provider_mismatch'],
      [
        { providerId: first.id, assistantId: first.assistantId, fallbackAssistantIds: [second.assistantId] },
        'calls.provider_mismatch',
      ],
      [{ providerId: randomUUID() }, 'calls.provider_unavailable'],
      [{ providerId: idle.id }, 'calls.provider_unavailable'],
    ];
    for (const [body, code] of refusals) {
      const answer = await create(body);
      expect([answer.status, answer.body.code]).toEqual([422, code]);
      expect(answer.body.errors).toHaveLength(1);
    }
    const pinned = await create({ providerId: first.id, assistantId: first.assistantId });
    expect([pinned.status, pinned.body.providerId]).toEqual([201, first.id]);
  });

  it('changes what is given and keeps the rest', async () => {
    const { body: before } = await create(full());
    const renamed = await change(before.id, { name: 'Visit', maxDurationSeconds: null });
    const { maxDurationSeconds: _, ...rest } = before;
    expect([renamed.status, renamed.body]).toEqual([200, { ...rest, name: 'Visit' }]);
    const swapped = await change(before.id, {
      assistantId: second.assistantId,
      fallbackAssistantIds: [first.assistantId],
    });
    expect(swapped.body).toMatchObject({
      assistantId: second.assistantId,
      fallbackAssistantIds: [first.assistantId],
      name: 'Visit',
    });
    const emptied = await change(before.id, { params: {} });
    expect([emptied.body.params, emptied.body.paramsOrder]).toEqual([{}, []]);
    const contradiction = await change(before.id, { providerId: first.id });
    expect([contradiction.status, contradiction.body.code]).toEqual([422, 'calls.provider_mismatch']);
    expect((await change(before.id, { paramsOrder: ['gone'] })).body.code).toBe('request.invalid');
    expect((await read(before.id)).body.providerId).toBeNull();
  });

  it('takes ids in any case', async () => {
    const [providerId, assistantId] = [first.id.toUpperCase(), first.assistantId.toUpperCase()];
    const { status, body } = await create({ providerId, assistantId });
    expect([status, body.providerId, body.assistantId]).toEqual([201, first.id, first.assistantId]);
    expect((await read(body.id.toUpperCase())).body).toEqual(body);
  });

  it('lets a template be renamed whose provider has become inactive', async () => {
    const provider = await world.provider();
    const { body } = await create({ providerId: provider.id, assistantId: provider.assistantId });
    await service.database.query('update call_service_providers set is_active = false where id = $1', [provider.id]);
    expect((await change(body.id, { name: 'Later' })).status).toBe(200);
  });

  it('lets only its owner see a private template, and only its owner change a public one', async () => {
    const { body: hidden } = await create({});
    const { body: shown } = await create({ isPublic: true });
    for (const answer of [
      await read(hidden.id, other),
      await change(hidden.id, { name: 'Mine' }, other),
      await other.request('DELETE', `/v1/call-templates/${hidden.id}`),
      await read(randomUUID()),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'calls.template_not_found']);
    }
    expect((await read(shown.id, other)).body).toEqual(shown);
    for (const answer of [
      await change(shown.id, { name: 'Mine' }, other),
      await other.request('DELETE', `/v1/call-templates/${shown.id}`),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'auth.forbidden']);
    }
    expect((await read(shown.id)).body).toEqual(shown);
  });

  it('forgets a deleted template, and leaves its calls without one', async () => {
    const user = await world.subscribedUser();
    const template = await world.template(user, {
      assistantId: first.assistantId,
      fallbackAssistantIds: [second.assistantId],
    });
    const call = await world.call(user, template);
    const answer = await user.request('DELETE', `/v1/call-templates/${template}`);
    expect([answer.status, answer.body]).toEqual([204, undefined]);
    expect((await read(template, user)).status).toBe(404);
    expect((await user.request('GET', `/v1/calls/${call}`)).body.templateId).toBeNull();
  });

  it('refuses more templates of one user than everybody can search through, whichever way they come', async () => {
    const collector = await world.subscribedUser();
    const insert = (count: number) =>
      `insert into call_templates (name, created_by)
       select 'One of many', '${collector.id}' from generate_series(1, ${String(count)})`;
    await world.asUser(collector, insert(999));
    await world.template(collector);
    expect(await collector.request('POST', '/v1/call-templates', { body: { name: 'One too many' } })).toMatchObject({
      status: 409,
      body: { code: 'calls.too_many_templates' },
    });
    await expect(world.asUser(collector, insert(1))).rejects.toMatchObject({
      code: '23514',
      constraint: 'call_templates_per_user_limit',
    });
    await world.template(await world.subscribedUser());
  });

  it('finds own and public templates by text, category and tag', async () => {
    const [reader, author] = [await world.user(), await world.user()];
    const mark = randomUUID().slice(0, 8);
    const percent = await world.template(reader, { name: `100% ${mark}`, category: mark, tags: ['a', 'b'] });
    const shared = await world.template(author, {
      description: `Says ${mark.toUpperCase()}`,
      isPublic: true,
      tags: [mark],
    });
    await world.template(author, { name: mark });
    const find = async (query: string) =>
      (await reader.request('GET', `/v1/call-templates?${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await find(`q=${mark}`)).toEqual([shared, percent]);
    expect(await find(`q=${encodeURIComponent(`% ${mark}`)}`)).toEqual([percent]);
    expect(await find(`q=${encodeURIComponent(`_ ${mark}`)}`)).toEqual([]);
    expect(await find(`category=${mark}`)).toEqual([percent]);
    expect(await find(`tag=${mark}`)).toEqual([shared]);
    expect(await find(`tag=b&category=${mark}`)).toEqual([percent]);
    const page = await reader.request('GET', `/v1/call-templates?q=${mark}&limit=1`);
    expect(await find(`q=${mark}&limit=1&cursor=${String(page.body.nextCursor)}`)).toEqual([percent]);
  });
});
