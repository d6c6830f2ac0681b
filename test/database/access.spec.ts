import { Pool } from 'pg';
import { type AccessWorld, createAccessWorld } from '../support/access-world';
import * as catalog from '../support/catalog';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { ACTORS, EXPECTATIONS, VERBS } from './access-expectations';

type Actor = (typeof ACTORS)[number] | 'inactive';

let database: TestDatabase;
let world: AccessWorld;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  world = await createAccessWorld(database);
  pool = new Pool({ connectionString: database.superuserUrl, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe('access: table by role by verb', () => {
  it('has a line for every table, and no line for anything else', async () => {
    expect(Object.keys(EXPECTATIONS).sort()).toEqual(await catalog.exposedRelations(database.query));
  });

  const cases = Object.entries(EXPECTATIONS).flatMap(([table, expectation]) =>
    ACTORS.flatMap((actor) =>
      VERBS.map((verb, column) => ({ table, actor, verb, verdict: expectation[actor][column] })),
    ),
  );
  it.each(cases)('$table: $actor, $verb → $verdict', async ({ table, actor, verb, verdict }) => {
    expect(await attempt(actor, statement(table, verb))).toBe(verdict);
  });

  function statement(table: string, verb: (typeof VERBS)[number]): string {
    const { where, insert, column, changes } = EXPECTATIONS[table]!;
    if (verb === 'select') return `select ${column} from ${table} where ${where(world)}`;
    if (verb === 'insert') return `insert into ${table} ${insert(world)}`;
    if (verb === 'update') return `update ${table} set ${changes} = ${changes} where ${where(world)}`;
    return `delete from ${table} where ${where(world)}`;
  }
});

describe('access: columns', () => {
  const insertable = ['user_id', 'recipient_number', 'scheduled_time', 'template_id', 'custom_variables'];
  const changeable = ['first_name', 'last_name', 'phone_number', 'address', 'preferences'];
  const hidden = [
    'refusal_detail',
    'claimed_by',
    'is_settled',
    'news_at',
    'asked_at',
    'asked',
    'sought_since',
    'hang_up_at',
  ];

  it('lets a user give a call nothing but its content', async () => {
    for (const column of await columnsOf('call_queue')) {
      const verdict = await attempt('owner', `insert into call_queue (${column}) values (default)`);
      // A permitted column passes the grants and fails at the policy: the row has no owner.
      expect([column, verdict]).toEqual([column, '-']);
      expect([column, await mayInsert(column)]).toEqual([column, insertable.includes(column)]);
    }
  });

  it('lets a user change of the own profile nothing but what describes the person', async () => {
    for (const column of await columnsOf('user_profiles')) {
      const verdict = await attempt(
        'owner',
        `update user_profiles set ${column} = ${column} where id = '${world.owner}'`,
      );
      expect([column, verdict]).toEqual([column, changeable.includes(column) ? 'y' : '-']);
    }
  });

  it('keeps from a user what a vendor said and who claimed the call', async () => {
    for (const column of await columnsOf('call_attempts')) {
      const verdict = await attempt('owner', `select ${column} from call_attempts where id = '${world.attempt}'`);
      expect([column, verdict]).toEqual([column, hidden.includes(column) ? '-' : 'y']);
    }
  });

  it("keeps the vendor's id of an assistant inside", async () => {
    expect(await attempt('owner', `select external_id from provider_assistants`)).toBe('-');
  });

  it('lets nobody give a template away', async () => {
    expect(
      await attempt('owner', `update call_templates set created_by = '${world.other}' where id = '${world.template}'`),
    ).toBe('-');
  });

  async function columnsOf(table: string): Promise<string[]> {
    const rows = await database.query<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
      [table],
    );
    expect(rows.length).toBeGreaterThan(0);
    return rows.map(({ name }) => name);
  }

  async function mayInsert(column: string): Promise<unknown> {
    const [row] = await database.query(
      `select has_column_privilege('authenticated', 'call_queue', $1, 'insert') as may`,
      [column],
    );
    return row?.['may'];
  }
});

describe('access: calls that users put into the queue themselves', () => {
  const insert = (user: string, template: string | undefined, number = '+12025550123') =>
    `insert into call_queue (user_id, recipient_number, template_id)
     values ('${user}', '${number}', ${template === undefined ? 'null' : `'${template}'`})`;

  it('takes a template that is public', async () => {
    expect(await attempt('other', insert(world.other, world.publicTemplate))).toBe('y');
  });
  it('refuses a template that the user cannot see, and none at all', async () => {
    expect(await attempt('other', insert(world.other, world.template))).toBe('-');
    expect(await attempt('other', insert(world.other, undefined))).toBe('-');
  });
  it("refuses somebody else's name", async () => {
    expect(await attempt('other', insert(world.owner, world.publicTemplate))).toBe('-');
  });
  it('refuses an inactive user', async () => {
    expect(await attempt('inactive', insert(world.inactive, world.publicTemplate))).toBe('-');
  });
  it('refuses a number that is not E.164, and variables that are no object', async () => {
    await expect(attempt('owner', insert(world.owner, world.template, '555'))).rejects.toMatchObject({ code: '23514' });
    await expect(
      attempt(
        'owner',
        `insert into call_queue (user_id, recipient_number, template_id, custom_variables)
         values ('${world.owner}', '+12025550123', '${world.template}', '[]')`,
      ),
    ).rejects.toMatchObject({ code: '23514' });
  });
  it('shows public templates to everybody and lets only their owner change them', async () => {
    const where = `where id = '${world.publicTemplate}'`;
    expect(await attempt('other', `select id from call_templates ${where}`)).toBe('y');
    expect(await attempt('other', `update call_templates set name = 'x' ${where}`)).toBe('0');
    expect(await attempt('other', `delete from call_templates ${where}`)).toBe('0');
  });
  it('shows the routes of templates that the user can see', async () => {
    const routes = `select * from ringonce.template_routes where template_id = '${world.template}'`;
    expect(await attempt('owner', routes)).toBe('y');
    expect(await attempt('other', routes)).toBe('0');
    expect(await attempt('anon', routes)).toBe('-');
  });
});

/** Tries a statement and takes it back. Foreign keys and triggers are off: only rights are asked about. */
async function attempt(actor: Actor, statement: string): Promise<'y' | '0' | '-'> {
  const client = await pool.connect();
  const subject = {
    anon: undefined,
    owner: world.owner,
    other: world.other,
    inactive: world.inactive,
    service: undefined,
  }[actor];
  const role = actor === 'anon' ? 'anon' : actor === 'service' ? 'service_role' : 'authenticated';
  try {
    await client.query(`begin; set local session_replication_role = replica`);
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [JSON.stringify({ sub: subject, role })]);
    await client.query(`set local role ${role}`);
    const { rowCount } = await client.query(statement);
    return (rowCount ?? 0) > 0 ? 'y' : '0';
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return '-';
    throw error;
  } finally {
    await client.query('rollback');
    client.release();
  }
}
