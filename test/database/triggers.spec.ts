import { openSession } from '../../src/shared/database/connection';
import { type AccessWorld, createAccessWorld } from '../support/access-world';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

describe('what the tables do by themselves', () => {
  let database: TestDatabase;
  let world: AccessWorld;
  beforeAll(async () => {
    database = await createTestDatabase();
    world = await createAccessWorld(database);
  });
  afterAll(() => database.drop());

  describe('the ledger', () => {
    it.each([
      'update usage_ledger_entries set minutes = 0',
      'update usage_ledger_entries set user_id = null',
      'delete from usage_ledger_entries',
      'truncate usage_ledger_entries',
    ])('refuses even a superuser: %s', async (statement) => {
      await expect(database.query(statement)).rejects.toMatchObject({ code: '23001', message: /append-only/ });
    });

    it('is written once per attempt and kind', async () => {
      const again = `insert into usage_ledger_entries
          (user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes)
        select user_id, usage_id, attempt_id, call_queue_id, kind, calls, minutes, reserved_calls, reserved_minutes
        from usage_ledger_entries`;
      await expect(database.query(again)).rejects.toMatchObject({ code: '23505' });
    });
  });

  it.each([
    `update admin_audit_entries set after = '{}'`,
    'update admin_audit_entries set actor_user_id = null',
    'delete from admin_audit_entries',
    'truncate admin_audit_entries',
  ])('keep the audit trail even from a superuser: %s', async (statement) => {
    await expect(database.query(statement)).rejects.toMatchObject({ code: '23001', message: /append-only/ });
  });

  describe('profiles', () => {
    it('come with the account, inactive, with what the account says', async () => {
      const [row] = await database.query(`
        with account as (
          insert into auth.users (id, email, phone, raw_user_meta_data)
          values (gen_random_uuid(), 'ann@example.test', '12025550100', '{"first_name": "Ann", "last_name": "Lee"}') returning id)
        select id from account`);
      expect(await database.query('select * from user_profiles where id = $1', [row?.['id']])).toMatchObject([
        {
          email: 'ann@example.test',
          phone_number: '12025550100',
          first_name: 'Ann',
          last_name: 'Lee',
          status: 'inactive',
        },
      ]);
    });

    it.each(['{}', '[]', '"text"', 'null', `{"first_name": {"a": 1}}`, `{"first_name": "${'x'.repeat(5000)}"}`])(
      'never stop anybody from signing up: %.40s',
      async (metadata) => {
        await database.query(`insert into auth.users (id, raw_user_meta_data) values (gen_random_uuid(), $1)`, [
          metadata,
        ]);
      },
    );

    it('leave a profile alone that is there already', async () => {
      const id = '00000000-0000-4000-8000-00000000000a';
      await database.query(`
        begin; set local session_replication_role = replica;
        insert into user_profiles (id, first_name) values ('${id}', 'Early'); commit`);
      await database.createUser({ id });
      expect(await database.query('select first_name from user_profiles where id = $1', [id])).toEqual([
        { first_name: 'Early' },
      ]);
    });

    it('follow the address of the account', async () => {
      const id = await database.createUser({ email: 'old@example.test' });
      await database.query(`update auth.users set email = 'new@example.test' where id = $1`, [id]);
      expect(await database.query('select email from user_profiles where id = $1', [id])).toEqual([
        { email: 'new@example.test' },
      ]);
    });
  });

  it('notes when a row was changed', async () => {
    const times = () =>
      database.query<{ updated_at: Date }>('select updated_at from call_queue where id = $1', [world.call]);
    const [before] = await times();
    await database.query(`update call_queue set updated_at = 'epoch' where id = $1`, [world.call]);
    const [after] = await times();
    expect(after!.updated_at.getTime()).toBeGreaterThanOrEqual(before!.updated_at.getTime());
  });

  it('notes when totals were changed', async () => {
    await database.query(`update user_call_usage set last_updated = 'epoch', calls_used = 1`);
    const [row] = await database.query(
      `select last_updated = updated_at as same, updated_at > now() - interval '1 hour' as recent from user_call_usage`,
    );
    expect(row).toEqual({ same: true, recent: true });
  });

  it('announces queued calls, once per statement, and nothing else', async () => {
    const heard: string[] = [];
    const listener = await openSession(database.url);
    listener.client.on('notification', ({ channel, payload }) => heard.push(`${channel}:${payload ?? ''}`));
    await listener.query('listen ringonce_calls; listen done');
    const insert = (status: string, count: number) => `
      insert into call_queue (user_id, recipient_number, status)
      select '${world.owner}', '+12025550123', '${status}' from generate_series(1, ${count})`;
    const finished = new Promise<void>((resolve) => {
      listener.client.on('notification', ({ channel }) => {
        if (channel === 'done') resolve();
      });
    });
    await database.query(insert('queued', 100));
    await database.query(insert('completed', 3));
    await database.query(`insert into call_queue (user_id, recipient_number) select null, '+12025550123' where false`);
    await database.query(insert('queued', 1));
    await database.query('notify done');
    await finished;
    await listener.close();
    expect(heard).toEqual(['ringonce_calls:', 'ringonce_calls:', 'done:']);
  });

  describe('routes of a template', () => {
    const routes = async (template: string) =>
      (
        await database.query<{ provider_id: string; assistant_id: string }>(
          'select provider_id, assistant_id from ringonce.template_routes where template_id = $1',
          [template],
        )
      ).map((row) => [row.provider_id, row.assistant_id]);
    let second: { provider: string; assistant: string };

    beforeAll(async () => {
      const [provider] = await database.query<{ id: string }>(`
        insert into call_service_providers (name, driver, api_credentials, concurrency_limit, priority)
        values ('second', 'retell', 'sealed', 1, 2) returning id`);
      const [assistant] = await database.query<{ id: string }>(
        `insert into provider_assistants (provider_id, external_id, name) values ($1, 'z', 'Zoe') returning id`,
        [provider?.id],
      );
      second = { provider: provider?.id ?? '', assistant: assistant?.id ?? '' };
    });

    it('are its own assistant and those of further providers, each provider once', async () => {
      expect(await routes(world.template)).toEqual([[world.provider, world.assistant]]);
      await database.query(
        'insert into call_template_assistants (template_id, provider_id, assistant_id) values ($1, $2, $3)',
        [world.template, second.provider, second.assistant],
      );
      expect((await routes(world.template)).sort()).toEqual(
        [
          [world.provider, world.assistant],
          [second.provider, second.assistant],
        ].sort(),
      );
    });

    it('stay with the provider of a pinned template', async () => {
      await database.query('update call_templates set provider_id = $2 where id = $1', [
        world.template,
        second.provider,
      ]);
      expect(await routes(world.template)).toEqual([[second.provider, second.assistant]]);
      await database.query('update call_templates set provider_id = null where id = $1', [world.template]);
    });

    it('include assistants that are not active: calls wait for them, and do not fail', async () => {
      await database.query('update provider_assistants set is_active = false where id = $1', [world.assistant]);
      expect(await routes(world.template)).toHaveLength(2);
    });

    it('cannot name an assistant for a provider that it does not belong to', async () => {
      const mismatch =
        'insert into call_template_assistants (template_id, provider_id, assistant_id) values ($1, $2, $3)';
      await expect(
        database.query(mismatch, [world.publicTemplate, second.provider, world.assistant]),
      ).rejects.toMatchObject({ code: '23503' });
    });
  });

  it('forgets an erased person and keeps the books', async () => {
    await database.query('delete from auth.users where id = $1', [world.owner]);
    const [left] = await database.query(`
      select (select count(*)::int from user_profiles where id = '${world.owner}') as profiles,
        (select count(*)::int from billing_customers) as customers,
        (select count(*)::int from billing_checkouts) as checkouts,
        (select count(*)::int from billing_changes) as changes,
        (select count(*)::int from user_plan_limits) as agreements,
        (select count(*)::int from usage_ledger_entries where user_id is null) as ledger,
        (select count(*)::int from user_call_usage where user_id is null) as usage,
        (select count(*)::int from user_subscriptions where user_id is null) as subscriptions,
        (select count(*)::int from user_call_history where user_id is null) as history,
        (select count(*)::int from call_queue where user_id is null) > 0 as queue,
        (select count(*)::int from call_templates where created_by is null) as templates`);
    expect(left).toEqual({
      profiles: 0,
      customers: 0,
      checkouts: 0,
      changes: 0,
      agreements: 0,
      ledger: 1,
      usage: 1,
      subscriptions: 1,
      history: 1,
      queue: true,
      templates: 2,
    });
  });

  it.each([
    ['call_service_providers', 'provider'],
    ['provider_phone_numbers', 'phoneNumber'],
    ['provider_assistants', 'assistant'],
  ] as const)('keeps of %s what calls refer to', async (table, key) => {
    await expect(database.query(`delete from ${table} where id = $1`, [world[key]])).rejects.toMatchObject({
      code: expect.stringMatching(/^2300[13]|23503$/),
    });
  });
});
