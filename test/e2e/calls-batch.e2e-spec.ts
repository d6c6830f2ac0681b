import { randomUUID } from 'node:crypto';
import { CallsWorld, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';

const recipientNumber = '+12025550123';
const ROWS = 1_000;

describe('POST /v1/calls/batch', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    templateId = await world.template(user, { params: { name: { type: 'string', required: true } } });
  });
  afterAll(() => service.stop());

  const batch = (body: object, by: TestUser = user, headers = {}) =>
    by.request('POST', '/v1/calls/batch', { body: { templateId, ...body }, headers });
  const row = (name: string, more: object = {}) => ({ recipientNumber, customVariables: { name }, ...more });

  it('queues a thousand calls in the order given', async () => {
    const answer = await batch({ calls: Array.from({ length: ROWS }, (_, index) => row(`row ${String(index)}`)) });
    expect(answer.status).toBe(200);
    expect(answer.body.rejected).toEqual([]);
    expect(answer.body.accepted).toHaveLength(ROWS);
    const stored = await service.database.query<{ id: string; name: string; rising: boolean }>(
      `select id, custom_variables ->> 'name' as name,
              coalesce(due_at >= lag(due_at) over (order by seq), true) as rising
       from call_queue where user_id = $1 order by seq`,
      [user.id],
    );
    expect(stored.every(({ rising }) => rising)).toBe(true);
    expect(stored.map(({ id, name }) => ({ id, name }))).toEqual(
      answer.body.accepted.map(({ id, index }: { id: string; index: number }) => ({
        id,
        name: `row ${String(index)}`,
      })),
    );
  });

  it('commits its rows together', async () => {
    const other = await world.subscribedUser();
    const own = await world.template(other);
    const { body } = await batch({ templateId: own, calls: [{ recipientNumber }, { recipientNumber }] }, other);
    const versions = await service.database.query('select distinct xmin::text from call_queue where id = any($1)', [
      body.accepted.map(({ id }: { id: string }) => id),
    ]);
    expect(versions).toHaveLength(1);
  });

  it('tells why rows are rejected, and queues the others', async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const latest = new Date(Date.now() + 7_200_000).toISOString();
    const { status, body } = await batch({
      scheduledTime: later,
      calls: [row('a'), row('b', { recipientNumber: '555' }), row('c', { scheduledTime: latest }), { recipientNumber }],
    });
    expect(status).toBe(200);
    expect(body.accepted.map(({ index }: { index: number }) => index)).toEqual([0, 2]);
    expect(body.rejected).toEqual([
      { index: 1, code: 'calls.invalid_number', detail: expect.any(String) },
      {
        index: 3,
        code: 'calls.invalid_variables',
        detail: expect.stringContaining('customVariables.name is required'),
      },
    ]);
    const times = await Promise.all(
      body.accepted.map(({ id }: { id: string }) => user.request('GET', `/v1/calls/${id}`)),
    );
    expect(times.map((answer) => answer.body.scheduledTime)).toEqual([later, latest]);
  });

  it('rejects what is over the allowance, row by row', async () => {
    const limited = await world.subscribedUser(2);
    const own = await world.template(limited);
    const nextPeriod = new Date(Date.now() + 60 * 86_400_000).toISOString();
    const calls = [
      { recipientNumber },
      { recipientNumber: '555' },
      { recipientNumber },
      { recipientNumber },
      { recipientNumber, scheduledTime: nextPeriod },
    ];
    const { body } = await batch({ templateId: own, calls }, limited);
    expect(body.accepted.map(({ index }: { index: number }) => index)).toEqual([0, 2, 4]);
    expect(body.rejected.map(({ index, code }: { index: number; code: string }) => [index, code])).toEqual([
      [1, 'calls.invalid_number'],
      [3, 'billing.quota_exceeded'],
    ]);
    const again = await batch({ templateId: own, calls: [{ recipientNumber }] }, limited);
    expect(again.body).toMatchObject({ accepted: [], rejected: [{ index: 0, code: 'billing.quota_exceeded' }] });
  });

  it('queues its rows once for one key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await batch({ calls: [row('once')] }, user, headers);
    const second = await batch({ calls: [row('once')] }, user, headers);
    expect(second.body).toEqual(first.body);
    const other = await batch({ calls: [row('twice')] }, user, headers);
    expect([other.status, other.body.code]).toEqual([409, 'request.idempotency_conflict']);
    const stored = await service.database.query(`select 1 from call_queue where custom_variables ->> 'name' = 'once'`);
    expect(stored).toHaveLength(1);
  });

  it.each([
    ['no calls', { calls: [] }],
    ['more than a thousand', { calls: Array.from({ length: ROWS + 1 }, () => ({ recipientNumber })) }],
    ['a row without a number', { calls: [{}] }],
    ['a provider', { calls: [{ recipientNumber }], providerId: randomUUID() }],
  ])('refuses %s with 400', async (_, body) => {
    const answer = await batch(body);
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });

  it('refuses inactive users and hidden templates as a whole', async () => {
    const inactive = await batch({ calls: [row('a')] }, await world.user());
    expect([inactive.status, inactive.body.code]).toEqual([403, 'users.inactive']);
    const hidden = await batch({ calls: [row('a')] }, await world.subscribedUser());
    expect([hidden.status, hidden.body.code]).toEqual([404, 'calls.template_not_found']);
  });
});
