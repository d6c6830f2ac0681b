import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { CallStep } from '../../src/modules/calls/application/observed-facts';
import { EndCallsOfUser } from '../../src/modules/calls/application/end-calls-of-user';
import { HangUpCall } from '../../src/modules/calls/application/hang-up-call';
import { ForgetUser } from '../../src/modules/calls/application/forget-user';
import { QueueCall } from '../../src/modules/calls/application/queue-call';
import { Database } from '../../src/shared/database/database';
import { DomainEvents } from '../../src/shared/kernel/domain-events.port';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { DispatchWorld } from '../support/dispatch-world';
import { waitFor } from '../support/wait-for';

/** What must be nowhere afterwards. */
const WORDS = { number: '+12025550177', name: 'Ada Persona', email: 'ada.persona@example.test' };

describe('erasing a user', () => {
  let world: DispatchWorld;
  let userId: string;
  let token: string;
  let templateId: string;

  beforeEach(async () => {
    world = await DispatchWorld.start({ environment: { RECONCILE_INTERVAL_MS: '100' } });
    ({ userId, token } = await world.addUser('enterprise'));
    await world.database.query(`update user_profiles set first_name = $2, email = $3 where id = $1`, [
      userId,
      WORDS.name,
      WORDS.email,
    ]);
    const { body } = await world.service.request('POST', '/v1/call-templates', {
      token,
      body: {
        name: `Of ${WORDS.name}`,
        isPublic: false,
        params: { who: { type: 'string' } },
        paramsOrder: ['who'],
        assistantId: world.account.assistantIds[0],
      },
    });
    templateId = body.id as string;
  });
  afterEach(() => world.stop());

  const queue = async (more: object = {}): Promise<string> => {
    const answer = await world.service.request('POST', '/v1/calls', {
      token,
      headers: { 'idempotency-key': randomUUID() },
      body: { templateId, recipientNumber: WORDS.number, customVariables: { who: WORDS.name }, ...more },
    });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body.id as string;
  };
  const get = <T>(token: abstract new (...given: never[]) => T): T =>
    world.service.app.get(token as never, { strict: false });
  const erase = (id = userId) =>
    world.service.request('DELETE', `/v1/admin/users/${id}/data`, { token: world.adminToken });
  /** Tables of the service that hold one of the words in some row. */
  const tablesWithWords = async (): Promise<string[]> => {
    const tables = await world.database.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const found = [];
    for (const { name } of tables) {
      const rows = await world.database.query(
        `select from public.${name} as entry where entry::text ilike any (array[$1, $2, $3]) limit 1`,
        Object.values(WORDS).map((word) => `%${word}%`),
      );
      if (rows.length > 0) found.push(name);
    }
    return found;
  };
  const books = () =>
    world.database.query(
      `select kind, calls, minutes, reserved_calls, reserved_minutes from usage_ledger_entries where user_id = $1
       union all select 'total', calls_used, minutes_used, calls_reserved, minutes_reserved
         from user_call_usage where user_id = $1 order by 1, 2, 3, 4, 5`,
      [userId],
    );

  it('leaves nothing of the person, every line of the ledger, and what others have', async () => {
    const done = await queue();
    await waitFor(async () => (await world.call(done, token)).status === 'completed', 'the call of the user is over');
    await world.measured();
    const waiting = await queue({ scheduledTime: new Date(Date.now() + 3_600_000).toISOString() });
    const [others] = await world.queue(['+12025550188']);
    await world.callWhen(others!, 'completed');
    const before = await books();
    expect(before.length).toBeGreaterThan(2);
    expect(await tablesWithWords()).toEqual(
      expect.arrayContaining([
        'call_queue',
        'call_templates',
        'idempotency_keys',
        'user_call_history',
        'user_profiles',
      ]),
    );

    expect((await erase()).status).toBe(204);
    expect(await tablesWithWords()).toEqual([]);
    expect(await books()).toEqual(before);
    const [canceled] = await world.database.query(`select status from call_queue where id = $1`, [waiting]);
    expect(canceled).toEqual({ status: 'canceled' });
    const kept = await world.database.query(
      `select from user_call_history where call_queue_id = $1 and transcript is null and outcome is not null`,
      [done],
    );
    expect(kept).toHaveLength(1);
    expect((await world.call(others!)).recipientNumber).toBe('+12025550188');
    expect((await world.service.request('GET', '/v1/me', { token })).status).toBe(404);

    expect((await erase()).status).toBe(204);
    expect((await erase(randomUUID())).status).toBe(204);
    const audit = await world.admin('GET', '/v1/admin/audit?action=user.erase');
    expect(audit.items).toHaveLength(3);
  });

  it('ends live calls first, and erases nothing before they are over', async () => {
    world.sandbox.order({ call: { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' } });
    const live = await queue();
    await world.sandbox.waitFor(({ calls }) => calls[0]?.status === 'in-progress');
    expect(await erase()).toMatchObject({ status: 409, body: { code: 'calls.under_way' } });
    expect(await tablesWithWords()).toContain('call_queue');
    await waitFor(async () => (await erase()).status === 204, 'the live call has ended');
    expect(world.sandbox.liveCalls).toBe(0);
    expect(await tablesWithWords()).toEqual([]);
    expect(await world.database.query(`select status from call_queue where id = $1`, [live])).toEqual([
      { status: 'canceled' },
    ]);
  });

  it('says once of a call that it is to be ended, however often somebody asks for the erasure', async () => {
    world.sandbox.order({ call: { holdsWhile: 'in-progress', endedReason: 'customer-ended-call' } });
    await queue();
    await world.sandbox.waitFor(({ calls }) => calls[0]?.status === 'in-progress');
    get(HangUpCall).ask = () => Promise.resolve();
    const wishes: unknown[] = [];
    get(DomainEvents).subscribe(CallStep, (steps) => {
      wishes.push(...steps.filter(({ kind }) => kind === 'call.cancel_requested'));
      return Promise.resolve();
    });
    const answers = [await get(EndCallsOfUser).execute(userId), await get(EndCallsOfUser).execute(userId)];
    expect(answers).toEqual([1, 1]);
    expect(wishes).toHaveLength(1);
  });

  it('keeps no private template without an author when one becomes private meanwhile', async () => {
    const body = { name: 'kept', isPublic: true, assistantId: world.account.assistantIds[0] };
    const { body: made } = await world.service.request('POST', '/v1/call-templates', { token, body });
    const others = new Client({ connectionString: world.database.url });
    await others.connect();
    await others.query('begin');
    await others.query('select from call_templates where id = $1 for update', [templateId]);
    const erased = erase();
    await waitUntilBlocked(world.database, 1);
    const path = `/v1/call-templates/${String(made.id)}`;
    const hidden = world.service.request('PATCH', path, { token, body: { isPublic: false } });
    await Promise.race([hidden, waitUntilBlocked(world.database, 2)]);
    await others.query('commit');
    await others.end();
    expect((await erased).status).toBe(204);
    await hidden;
    const left = await world.database.query('select is_public, created_by from call_templates where id = $1', [
      made.id,
    ]);
    expect(left).toEqual([{ is_public: true, created_by: null }]);
  });

  it('takes its locks in the order of those who take in news', async () => {
    const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    for (const [index, status] of ['completed', 'queued'].entries())
      await world.database.query(
        `insert into call_queue (id, user_id, recipient_number, template_id, status, scheduled_time)
         values ($1, $2, $3, $4, $5, now() + interval '1 hour')`,
        [ids[index], userId, WORDS.number, templateId, status],
      );
    const others = new Client({ connectionString: world.database.url });
    await others.connect();
    await others.query('begin');
    await others.query('select from call_queue where id = $1 for update', [ids[0]]);
    const forgotten = get(UnitOfWork).run(async () => {
      await get(ForgetUser).hold(userId);
      await get(EndCallsOfUser).execute(userId);
      await get(ForgetUser).execute(userId);
    });
    const outcome = expect(forgotten).resolves.toBeUndefined();
    await waitUntilBlocked(world.database, 1);
    await others.query('select from call_queue where id = $1 for update', [ids[1]]);
    await others.query('commit');
    await others.end();
    await outcome;
    expect(await tablesWithWords()).toEqual([]);
  });

  describe('while something is being added for the user', () => {
    const held = (work: () => Promise<unknown>) => {
      const unitOfWork = get(UnitOfWork);
      return holdOpen({ run: (given) => unitOfWork.run(given) }, work);
    };
    const order = () => ({ templateId, recipientNumber: WORDS.number, customVariables: { who: WORDS.name } });
    const template = () => ({
      name: WORDS.name,
      isPublic: false,
      assistantId: world.account.assistantIds[0],
    });

    it.each(['a call', 'several calls by one statement', 'a template'])(
      'waits for %s, which goes with the rest',
      async (kind) => {
        const claims = { sub: userId };
        const add = {
          'a call': () => get(QueueCall).execute(claims, order()),
          'several calls by one statement': () =>
            get(UnitOfWork).asUser(claims, () =>
              get(Database).current.execute(sql`
              insert into call_queue (user_id, recipient_number, template_id, custom_variables)
              select ${userId}::uuid, ${WORDS.number}, ${templateId}::uuid, '{"who": "Ada Persona"}' from generate_series(1, 3)`),
            ),
          'a template': () =>
            get(UnitOfWork).asUser(claims, () =>
              get(Database).current.execute(sql`
              insert into call_templates (name, created_by, assistant_id)
              values (${WORDS.name}, ${userId}::uuid, ${world.account.assistantIds[0]}::uuid)`),
            ),
        }[kind]!;
        const end = await held(add);
        const erased = erase();
        await waitUntilBlocked(world.database, 1);
        await end('commit');
        expect((await erased).status).toBe(204);
        expect(await tablesWithWords()).toEqual([]);
      },
    );

    it('refuses what comes later', async () => {
      const end = await held(async () => {
        await get(ForgetUser).hold(userId);
        await get(ForgetUser).execute(userId);
      });
      const plans = (await world.service.request('GET', '/v1/plans')).body.items as { id: string; slug: string }[];
      const freePlan = () => ({ planId: plans.find(({ slug }) => slug === 'free')!.id });
      const path = ['/v1/calls', '/v1/call-templates', '/v1/subscription'] as const;
      const answers = [order(), template(), freePlan()].map((body, index) =>
        world.service.request('POST', path[index]!, { token, body }),
      );
      await waitUntilBlocked(world.database, 3);
      await end('commit');
      expect((await Promise.all(answers)).map(({ status, body }) => [status, body.code])).toEqual([
        [403, 'users.inactive'],
        [403, 'auth.forbidden'],
        [404, 'users.not_found'],
      ]);
      expect(await world.database.query('select from user_subscriptions where user_id = $1', [userId])).toEqual([]);
    });

    it('lets any number of additions and a change of the profile go on side by side', async () => {
      const ends = [await held(() => get(QueueCall).execute({ sub: userId }, order()))];
      ends.push(await held(() => get(QueueCall).execute({ sub: userId }, order())));
      const changed = await world.service.request('PATCH', '/v1/me', { token, body: { firstName: 'Grace' } });
      expect(changed.status).toBe(200);
      for (const end of ends) await end('commit');
    });
  });
});
