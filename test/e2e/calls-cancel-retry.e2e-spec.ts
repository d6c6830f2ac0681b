import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { CancelCall } from '../../src/modules/calls/application/cancel-call';
import { HangUpCall } from '../../src/modules/calls/application/hang-up-call';
import { CallsWorld, type TestProvider, type TestUser } from '../support/calls-world';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { type Service, startService } from '../support/service';
import { waitFor } from '../support/wait-for';

describe('ending and repeating calls', () => {
  let service: Service;
  let world: CallsWorld;
  let user: TestUser;
  let stranger: TestUser;
  let provider: TestProvider;
  let templateId: string;
  const hungUp: string[] = [];

  beforeAll(async () => {
    service = await startService();
    world = new CallsWorld(service);
    await world.pauseDispatch();
    user = await world.subscribedUser();
    stranger = await world.subscribedUser();
    provider = await world.provider();
    templateId = await world.template(user, { isPublic: true });
    // No vendor stands behind these providers: what matters here is who is asked, and when.
    service.app.get(HangUpCall, { strict: false }).execute = (id) => {
      hungUp.push(id);
      return Promise.resolve();
    };
  });
  afterAll(() => service.stop());

  const cancel = (id: string, by = user) => by.request('POST', `/v1/calls/${id}/cancel`);
  const retry = (id: string, by = user, headers = {}) => by.request('POST', `/v1/calls/${id}/retry`, { headers });

  describe('cancel', () => {
    it('ends a call that waits at once', async () => {
      const id = await world.call(user, templateId);
      const answer = await cancel(id);
      expect([answer.status, answer.body.status, answer.body.failure]).toEqual([200, 'canceled', null]);
      const rows = await service.database.query('select ended_at is not null as ended from call_queue where id = $1', [
        id,
      ]);
      expect(rows).toEqual([{ ended: true }]);
      expect(hungUp).not.toContain(id);
    });

    it.each(['placing', 'placed', 'unknown'])('keeps the wish for a call whose attempt is %s', async (state) => {
      const id = await world.call(user, templateId);
      await world.attempt(id, provider, state);
      const answer = await cancel(id);
      expect([answer.status, answer.body.status, answer.body.id]).toEqual([202, 'in-progress', id]);
      expect(hungUp).toEqual(expect.arrayContaining([id]));
      const wish = () => service.database.query('select cancel_requested_at::text from call_queue where id = $1', [id]);
      const [first] = await wish();
      expect(first?.['cancel_requested_at']).toEqual(expect.any(String));
      expect((await cancel(id)).status).toBe(202);
      expect(await wish()).toEqual([first]);
    });

    it.each(['completed', 'failed', 'canceled'])('refuses a call that is %s', async (status) => {
      const id = await world.call(user, templateId);
      await world.setStatus(id, status);
      const answer = await cancel(id);
      expect([answer.status, answer.body.code]).toEqual([409, 'calls.not_cancelable']);
    });

    it("knows no other user's call, none that is not there, and no id that is none", async () => {
      const id = await world.call(user, templateId);
      for (const answer of [await cancel(id, stranger), await cancel(randomUUID())]) {
        expect([answer.status, answer.body.code]).toEqual([404, 'calls.not_found']);
      }
      expect((await cancel('call-1')).body.code).toBe('request.invalid');
      expect((await user.request('GET', `/v1/calls/${id}`)).body.status).toBe('queued');
    });

    it('waits for a claim that is under way, and then asks the provider to hang up', async () => {
      const id = await world.call(user, templateId);
      const claim = new Client({ connectionString: service.database.superuserUrl });
      await claim.connect();
      await claim.query('begin');
      await claim.query(`update call_queue set status = 'in-progress' where id = $1`, [id]);
      const answer = cancel(id);
      await waitFor(
        async () =>
          (
            await service.database.query(
              'select 1 from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0',
            )
          ).length > 0,
        'the cancellation waits for the row',
      );
      await claim.query('commit');
      await claim.end();
      expect([(await answer).status, (await answer).body.status]).toEqual([202, 'in-progress']);
      await waitFor(() => hungUp.includes(id), 'the provider is asked to hang up');
    });

    it('asks nobody to hang up when the transaction around it is rolled back', async () => {
      const id = await world.call(user, templateId);
      await world.attempt(id, provider);
      const unitOfWork = service.app.get(UnitOfWork);
      const attempt = unitOfWork.run(async () => {
        await service.app.get(CancelCall, { strict: false }).execute({ sub: user.id }, id);
        throw new Error('rolled back');
      });
      await expect(attempt).rejects.toThrow('rolled back');
      expect(hungUp).not.toContain(id);
    });

    it('ends a call once, however many ask at once', async () => {
      const id = await world.call(user, templateId);
      const answers = await Promise.all(Array.from({ length: 5 }, () => cancel(id)));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    });
  });

  describe('retry', () => {
    it.each(['failed', 'canceled'])('queues the content of a %s call again, due now', async (status) => {
      const first = await user.request('POST', '/v1/calls', {
        body: {
          templateId,
          recipientNumber: '+12025550123',
          providerId: provider.id,
          scheduledTime: new Date(Date.now() + 86_400_000).toISOString(),
        },
      });
      await world.setStatus(first.body.id, status, status === 'failed' ? 'no_answer' : null);
      const answer = await retry(first.body.id);
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({
        ...first.body,
        id: expect.any(String),
        scheduledTime: null,
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
      expect(answer.body.id).not.toBe(first.body.id);
      const old = await user.request('GET', `/v1/calls/${first.body.id}`);
      expect([old.body.status, old.body.failure]).toEqual([
        status,
        status === 'failed' ? { code: 'no_answer', detail: 'no_answer' } : null,
      ]);
    });

    it.each(['queued', 'in-progress', 'completed'])('refuses a call that is %s', async (status) => {
      const id = await world.call(user, templateId);
      await world.setStatus(id, status);
      const answer = await retry(id);
      expect([answer.status, answer.body.code]).toEqual([409, 'calls.not_retryable']);
    });

    it("knows no other user's call", async () => {
      const id = await world.call(user, templateId);
      await world.setStatus(id, 'failed', 'busy');
      const answer = await retry(id, stranger);
      expect([answer.status, answer.body.code]).toEqual([404, 'calls.not_found']);
    });

    it('refuses what queueing refuses', async () => {
      const limited = await world.subscribedUser(1);
      const own = await world.template(limited);
      const failed = await world.call(limited, own);
      await world.setStatus(failed, 'failed', 'busy');
      await world.call(limited, own);
      expect((await retry(failed, limited)).body.code).toBe('billing.quota_exceeded');
      await limited.request('DELETE', `/v1/call-templates/${own}`);
      expect((await retry(failed, limited)).body.code).toBe('calls.template_not_found');
      await service.database.query(`update user_profiles set status = 'inactive' where id = $1`, [limited.id]);
      const id = await world.call(user, templateId);
      await world.setStatus(id, 'failed', 'busy');
      await service.database.query(`update user_profiles set status = 'inactive' where id = $1`, [user.id]);
      expect((await retry(id)).body.code).toBe('users.inactive');
      await service.database.query(`update user_profiles set status = 'active' where id = $1`, [user.id]);
    });

    it('queues one call for one key', async () => {
      const id = await world.call(user, templateId);
      await world.setStatus(id, 'failed', 'busy');
      const headers = { 'idempotency-key': randomUUID() };
      const answers = [await retry(id, user, headers), await retry(id, user, headers)];
      expect(answers[1]?.body).toEqual(answers[0]?.body);
      expect(answers[1]?.headers.get('idempotent-replayed')).toBe('true');
    });
  });
});
