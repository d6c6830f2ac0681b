import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { QueueCall } from '../../src/modules/calls/application/queue-call';
import { UserErasure } from '../../src/modules/users/public/user-erasure.port';
import { Database } from '../../src/shared/database/database';
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

  describe('while something is being added for the user', () => {
    const get = <T>(token: abstract new (...given: never[]) => T): T =>
      world.service.app.get(token as never, { strict: false });
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
        await get(UserErasure).hold(userId);
        await get(UserErasure).erase(userId);
      });
      const path = ['/v1/calls', '/v1/call-templates'] as const;
      const answers = [order(), template()].map((body, index) =>
        world.service.request('POST', path[index]!, { token, body }),
      );
      await waitUntilBlocked(world.database, 2);
      await end('commit');
      expect((await Promise.all(answers)).map(({ status, body }) => [status, body.code])).toEqual([
        [403, 'users.inactive'],
        [403, 'auth.forbidden'],
      ]);
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
