import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { keepOutput, recordEnvironment } from '../support/run-record';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

jest.setTimeout(90_000);

interface Run {
  readonly code: number;
  readonly said: string;
}

/** The command as an operator runs it, in a process of its own. */
async function restored(environment: Readonly<Record<string, string>>, ...options: readonly string[]): Promise<Run> {
  recordEnvironment(environment);
  const script = ['--require', './test/support/typescript-hook.cjs', 'scripts/db-restored.ts', ...options];
  const child = spawn(process.execPath, script, { env: environment });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  keepOutput(said);
  return { code, said };
}

describe('npm run db:restored', () => {
  let database: TestDatabase;
  let environment: Readonly<Record<string, string>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    environment = { DATABASE_URL: database.url };
  });
  afterAll(() => database.drop());

  const control = async () =>
    (await database.query('select *, database_identity is not null as is_known from dispatch_control'))[0];

  it('needs a database, and options that it knows', async () => {
    expect(await restored({})).toEqual({ code: 78, said: 'DATABASE_URL: is required\n' });
    expect(await restored(environment, '--since', 'yesterday')).toMatchObject({ code: 64 });
    expect(await restored(environment, '--force')).toMatchObject({ code: 64 });
    expect(await control()).toMatchObject({ is_paused: false, restored_at: null });
  });

  it('has nothing to abandon where nothing was restored', async () => {
    const { code, said } = await restored(environment, '--abandon-comparison');
    expect([code, said]).toEqual([0, 'The database is not marked as restored; nothing was changed.\n']);
  });

  it('marks the database from an hour before its newest record on, notes where it is, and says what comes next', async () => {
    const userId = await database.createUser();
    await database.query(
      `insert into call_queue (user_id, recipient_number, created_at, scheduled_time)
       values ($1, '+12025550123', '2026-03-01T09:00:00Z', '2027-01-01'), ($1, '+12025550123', '2026-03-01T12:00:00Z', null)`,
      [userId],
    );
    await database.query(`update dispatch_control set created_at = '2026-01-01'`);
    const { code, said } = await restored(environment);
    expect(code).toBe(0);
    expect(said).toContain('since 2026-03-01T11:00:00.000Z');
    expect(said).toContain('POST /v1/admin/queue/resume');
    expect(await control()).toMatchObject({
      is_paused: true,
      compared_since: new Date('2026-03-01T11:00:00Z'),
      is_known: true,
    });
  });

  it('keeps an earlier moment when it is repeated, and goes back to an hour before the one that it is given', async () => {
    await database.query(
      `insert into call_queue (user_id, recipient_number, created_at) select user_id, recipient_number, now() from call_queue limit 1`,
    );
    expect((await restored(environment)).said).toContain('since 2026-03-01T11:00:00.000Z');
    expect((await restored(environment, '--since', '2099-01-01T00:00:00Z')).said).toContain('2026-03-01T11:00:00.000Z');
    expect((await restored(environment, '--since', '2026-02-02T10:00:00+02:00')).said).toContain(
      '2026-02-02T07:00:00.000Z',
    );
    expect(await control()).toMatchObject({ compared_since: new Date('2026-02-02T07:00:00Z') });
  });

  it('takes the comparison for complete when told so', async () => {
    expect((await restored(environment, '--abandon-comparison')).said).toContain('may ring twice');
    expect(await control()).toMatchObject({ comparison_abandoned_at: expect.any(Date) });
    expect(
      await database.query('select action, actor_kind from admin_audit_entries order by created_at desc limit 1'),
    ).toEqual([{ action: 'queue.abandon_comparison', actor_kind: 'system' }]);
  });
});
