import { drizzle } from 'drizzle-orm/node-postgres';
import { Client } from 'pg';
import { DrizzleCallRequests } from '../../src/modules/calls/adapters/drizzle/drizzle-call-requests';
import { TemplateNotFound, UserInactive } from '../../src/modules/calls/domain/calls.errors';
import { Database } from '../../src/shared/database/database';
import { type AccessWorld, createAccessWorld } from '../support/access-world';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { type UnitsOfWork, unitsOfWork } from '../support/units-of-work';

const CONTENT = `[["+12025550123", null, {"name": "Ada"}], ["+12025550124", "2030-01-01T00:00:00Z", {}]]`;

describe('what the front door asks of the database', () => {
  let database: TestDatabase;
  let world: AccessWorld;
  let service: UnitsOfWork;

  beforeAll(async () => {
    database = await createTestDatabase();
    world = await createAccessWorld(database);
    service = unitsOfWork(database.url, 1);
  });
  afterAll(async () => {
    await service.close();
    await database.drop();
  });

  const claims = (sub: string) => JSON.stringify({ sub, email: 'ada@example.test', role: 'authenticated' });
  const add = (user: string, template: string, calls = CONTENT) =>
    service.rows(`select * from ringonce.add_calls('${claims(user)}', '${template}', '${calls}')`);
  const see = (user: string, template: string) =>
    service.rows(`select id from ringonce.see_template('${claims(user)}', '${template}')`);
  const who = () => service.rows(`select current_user::text as role, auth.uid() as uid, auth.jwt() as jwt`);

  it('adds calls in the order given, with the rights of their user', async () => {
    const added = await service.unitOfWork.run(() => add(world.owner, world.template));
    expect(added).toMatchObject([
      { user_id: world.owner, recipient_number: '+12025550123', custom_variables: { name: 'Ada' }, status: 'queued' },
      { user_id: world.owner, recipient_number: '+12025550124', template_id: world.template, provider_id: null },
    ]);
  });

  it.each(['other', 'inactive'] as const)('adds none that row-level security refuses: %s', async (user) => {
    await expect(add(world[user], world.template)).rejects.toMatchObject({ cause: { code: '42501' } });
  });

  describe('tells what was refused', () => {
    const queue = (sub: string, templateId: string) => {
      const requests = new DrizzleCallRequests(new Database(drizzle(service.pool)));
      const call = { recipientNumber: '+12025550123', scheduledTime: undefined, customVariables: {} };
      return requests.add({ sub }, templateId, call);
    };

    it('a user who is not active', async () => {
      await expect(queue(world.inactive, world.publicTemplate)).rejects.toThrow(UserInactive);
      await expect(queue(world.unknown, world.publicTemplate)).rejects.toThrow(UserInactive);
    });

    it("a template that is not the user's to see any more", async () => {
      await expect(queue(world.other, world.template)).rejects.toThrow(TemplateNotFound);
    });

    it('and takes a lost right for nothing of that', async () => {
      await database.query('revoke execute on function ringonce.is_active_user() from authenticated');
      try {
        await expect(queue(world.owner, world.template)).rejects.toMatchObject({ cause: { code: '42501' } });
      } finally {
        await database.query('grant execute on function ringonce.is_active_user() to authenticated');
      }
    });
  });

  it('shows a template to whom row-level security shows it', async () => {
    expect(await see(world.owner, world.template)).toEqual([{ id: world.template }]);
    expect(await see(world.other, world.template)).toEqual([]);
    expect(await see(world.other, world.publicTemplate)).toEqual([{ id: world.publicTemplate }]);
  });

  it("gives the service's rights back, and leaves no claims behind", async () => {
    await service.unitOfWork.run(async () => {
      const before = await who();
      await see(world.owner, world.template);
      await add(world.owner, world.template);
      expect(await who()).toEqual(before);
    });
  });

  it('is for the service alone', async () => {
    const asUser = (statement: string) =>
      service.unitOfWork.asUser({ sub: world.owner }, () => service.rows(statement));
    for (const statement of [
      `select ringonce.add_calls('${claims(world.other)}', '${world.publicTemplate}', '[]')`,
      `select ringonce.see_template('${claims(world.other)}', '${world.publicTemplate}')`,
      `select ringonce.take_idempotency_key('a', 'b', now())`,
      `select ringonce.keep_idempotent_answer('a', 'b', 'c', 'd', 201, '{}', null, now())`,
    ])
      await expect(asUser(statement)).rejects.toMatchObject({ cause: { code: '42501' } });
  });

  describe('a key', () => {
    const take = (key: string) => service.rows(`select * from ringonce.take_idempotency_key('me', '${key}', now())`);
    const keep = (units: UnitsOfWork, key: string) =>
      units.rows(`select ringonce.keep_idempotent_answer('me', '${key}', 'r', 'h', 201, '{"id": 1}', null, now())`);

    it('is taken by one at a time, who finds what is kept', async () => {
      const holder = unitsOfWork(database.url, 1);
      const end = await holdOpen({ run: (work) => holder.unitOfWork.run(work) }, async () => {
        await holder.rows(`select ringonce.take_idempotency_key('me', 'k', now())`);
        await keep(holder, 'k');
      });
      expect(await service.unitOfWork.run(() => take('k'))).toMatchObject([{ is_taken: false, route: null }]);
      await end('commit');
      await holder.close();
      expect(await service.unitOfWork.run(() => take('k'))).toMatchObject([
        { is_taken: true, route: 'r', request_hash: 'h', status: 201, response: { id: 1 } },
      ]);
      expect(await take('other')).toMatchObject([{ is_taken: true, route: null }]);
    });

    it('shows what was committed after the statement that takes it had begun', async () => {
      const holder = new Client({ connectionString: database.url });
      await holder.connect();
      await holder.query('select pg_advisory_lock(42)');
      // Its snapshot is taken before it waits.
      const late = service.rows(`
        with held as materialized (select pg_advisory_xact_lock(42)::text as it)
        select taken.* from held, lateral (
          select * from ringonce.take_idempotency_key('me', 'late', now()) where held.it is not null) as taken`);
      await waitUntilBlocked(database, 1);
      await holder.query(`select ringonce.keep_idempotent_answer('me', 'late', 'r', 'h', 201, '{}', null, now())`);
      await holder.end();
      expect(await late).toMatchObject([{ is_taken: true, route: 'r' }]);
    });
  });
});
