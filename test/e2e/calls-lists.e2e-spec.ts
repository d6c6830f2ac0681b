import { randomUUID } from 'node:crypto';
import { CallsWorld, type TestProvider, type TestUser } from '../support/calls-world';
import { type Service, startService } from '../support/service';

const MADE_UP_CURSORS = ['x', '', btoa('["2026-02-31T00:00:00Z","0b9f6c1e-54a1-4f0e-9d5e-0d6a3a1b7c2d"]')];

describe('lists of calls', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let stranger: TestUser;
  let provider: TestProvider;
  let templateId: string;

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    stranger = await world.subscribedUser();
    provider = await world.provider();
    templateId = await world.template(user, { isPublic: true });
  });
  afterAll(() => service.stop());

  /** Reads all pages; `between` runs after each of them. */
  async function walk(path: string, by: TestUser, between = () => Promise.resolve()): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer = await by.request('GET', `${path}${cursor && `&cursor=${cursor}`}`);
      expect(answer.status).toBe(200);
      ids.push(...answer.body.items.map(({ id }: { id: string }) => id));
      cursor = answer.body.nextCursor as string | null;
      await between();
    }
    return ids;
  }

  it('pages through calls without gaps or repeats while others are added', async () => {
    const reader = await world.subscribedUser();
    const calls = Array.from({ length: 23 }, () => ({ recipientNumber: '+12025550123' }));
    const { body } = await reader.request('POST', '/v1/calls/batch', { body: { templateId, calls } });
    const newestFirst = body.accepted.map(({ id }: { id: string }) => id).reverse();
    const seen = await walk('/v1/calls?limit=5', reader, async () => {
      await world.call(reader, templateId);
    });
    expect(seen).toEqual(newestFirst);
  });

  it('pages through calls of one and the same microsecond', async () => {
    const reader = await world.subscribedUser();
    await service.database.query(
      `insert into call_queue (user_id, recipient_number, template_id, created_at)
       select $1, '+12025550123', $2, '2026-01-01T00:00:00.123456Z' from generate_series(1, 7)`,
      [reader.id, templateId],
    );
    const seen = await walk('/v1/calls?limit=2', reader);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  it('finds calls by status', async () => {
    const reader = await world.subscribedUser();
    const [waiting, failed] = [await world.call(reader, templateId), await world.call(reader, templateId)];
    await world.setStatus(failed, 'failed', 'busy');
    expect(await walk('/v1/calls?status=failed', reader)).toEqual([failed]);
    expect(await walk('/v1/calls?status=queued', reader)).toEqual([waiting]);
  });

  it('shows the attempts of a call, the first one first, and nothing that is for operators', async () => {
    const id = await world.call(user, templateId);
    const first = await world.attempt(id, provider, 'refused');
    const second = await world.attempt(id, provider, 'placed');
    const { body } = await user.request('GET', `/v1/calls/${id}`);
    expect(body.attempts.map((attempt: { id: string }) => attempt.id)).toEqual([first, second]);
    expect(body.attempts[1]).toEqual({
      id: second,
      providerId: provider.id,
      phoneNumberId: provider.phoneNumberId,
      state: 'placed',
      callId: expect.any(String),
      outcome: null,
      createdAt: expect.any(String),
      endedAt: null,
    });
  });

  it("never shows anybody another user's calls and history", async () => {
    const id = await world.call(user, templateId);
    const record = await addRecord(id, 'completed', 'completed');
    expect(await walk('/v1/calls?limit=200', stranger)).toEqual([]);
    expect(await walk('/v1/call-history?limit=200', stranger)).toEqual([]);
    for (const path of [`/v1/calls/${id}`, `/v1/call-history/${record}`]) {
      const answer = await stranger.request('GET', path);
      expect([answer.status, answer.body.code]).toEqual([404, 'calls.not_found']);
    }
    expect(await walk('/v1/calls?limit=200', user)).toContain(id);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'status=gone',
    'page=2',
    ...MADE_UP_CURSORS.map((text) => `cursor=${text}`),
  ])('refuses ?%s with 400', async (query) => {
    for (const path of ['/v1/calls', '/v1/call-history', '/v1/call-templates']) {
      const answer = await user.request('GET', `${path}?${query}`);
      if (path === '/v1/call-templates' && query.startsWith('status')) continue;
      expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    }
  });

  it('reads with the rights of the user, so that a forgotten filter would show nothing more', async () => {
    const id = await world.call(user, templateId);
    const record = await addRecord(id, 'completed', 'completed');
    const hidden = await world.template(user, { assistantId: provider.assistantId });
    const count = (by: TestUser) =>
      world.asUser(
        by,
        `select (select count(*) from call_queue where id = '${id}')::integer as calls,
                (select count(*) from call_attempts where call_queue_id = '${id}')::integer as attempts,
                (select count(*) from user_call_history where id = '${record}')::integer as records,
                (select count(*) from call_templates where id = '${hidden}')::integer as templates`,
      );
    expect(await count(user)).toEqual([{ calls: 1, attempts: 1, records: 1, templates: 1 }]);
    expect(await count(stranger)).toEqual([{ calls: 0, attempts: 0, records: 0, templates: 0 }]);

    const policies = ['call_queue_read_own on call_queue', 'user_call_history_read_own on user_call_history'];
    for (const policy of policies) await service.database.query(`alter policy ${policy} using (false)`);
    const answers = [];
    for (const path of ['/v1/calls', `/v1/calls/${id}`, '/v1/call-history', `/v1/call-history/${record}`]) {
      answers.push(await user.request('GET', path));
    }
    for (const policy of policies) {
      await service.database.query(`alter policy ${policy} using (user_id = (select auth.uid()))`);
    }
    expect(answers.map(({ status, body }) => body.items ?? status)).toEqual([[], 404, [], 404]);
  });

  describe('history', () => {
    it('shows a record with everything the vendor told', async () => {
      const id = await world.call(user, templateId);
      const record = await addRecord(id, 'completed', 'completed');
      await service.database.query(
        `update user_call_history set transcript = 'Hello.', ended_reason = 'hung-up', duration_seconds = 65,
           cost_micros = 123400, currency = 'USD', started_at = '2026-01-01T10:00:00Z', ended_at = '2026-01-01T10:01:05Z'
         where id = $1`,
        [record],
      );
      const { body } = await user.request('GET', `/v1/call-history/${record}`);
      expect(body).toEqual({
        id: record,
        callQueueId: id,
        callId: expect.any(String),
        providerId: provider.id,
        assistantId: provider.assistantId,
        phoneNumberId: provider.phoneNumberId,
        recipientNumber: '+12025550123',
        status: 'completed',
        outcome: 'completed',
        endedReason: 'hung-up',
        transcript: 'Hello.',
        summary: null,
        recordingUrl: null,
        startedAt: '2026-01-01T10:00:00.000Z',
        endedAt: '2026-01-01T10:01:05.000Z',
        durationSeconds: 65,
        cost: { amount: 0.1234, currency: 'USD' },
        createdAt: expect.any(String),
      });
      const unknown = await user.request('GET', `/v1/call-history/${randomUUID()}`);
      expect([unknown.status, unknown.body.code]).toEqual([404, 'calls.not_found']);
    });

    it('finds records by status, outcome and time, page by page', async () => {
      const reader = await world.subscribedUser();
      const records: string[] = [];
      for (const [index, outcome] of ['completed', 'busy', 'busy', 'no_answer', 'busy'].entries()) {
        const call = await world.call(reader, templateId);
        const record = await addRecord(call, outcome === 'completed' ? 'completed' : 'failed', outcome);
        await service.database.query('update user_call_history set created_at = $2 where id = $1', [
          record,
          `2026-03-0${String(index + 1)}T12:00:00Z`,
        ]);
        records.unshift(record);
      }
      const [fifth, fourth, third, second, first] = records;
      expect(await walk('/v1/call-history?limit=2', reader)).toEqual(records);
      expect(await walk('/v1/call-history?status=completed', reader)).toEqual([first]);
      expect(await walk('/v1/call-history?outcome=busy&limit=1', reader)).toEqual([fifth, third, second]);
      expect(await walk('/v1/call-history?from=2026-03-04T12:00:00Z', reader)).toEqual([fifth, fourth]);
      expect(await walk('/v1/call-history?from=2026-03-02&to=2026-03-04T12:00:00Z', reader)).toEqual([third, second]);
      const bad = await reader.request('GET', '/v1/call-history?from=yesterday');
      expect([bad.status, bad.body.code]).toEqual([400, 'request.invalid']);
    });
  });

  async function addRecord(callQueueId: string, status: string, outcome: string): Promise<string> {
    const attemptId = await world.attempt(callQueueId, provider, 'ended');
    const [record] = await service.database.query<{ id: string }>(
      `insert into user_call_history (user_id, call_queue_id, attempt_id, call_id, provider_id, assistant_id,
         phone_number_id, recipient_number, status, outcome)
       select c.user_id, c.id, a.id, a.provider_call_id, a.provider_id, a.assistant_id, a.phone_number_id,
         c.recipient_number, $2, $3
       from call_attempts a join call_queue c on c.id = a.call_queue_id where a.id = $1 returning id`,
      [attemptId, status, outcome],
    );
    return record?.id ?? '';
  }
});
