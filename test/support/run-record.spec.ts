import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Logger } from '@nestjs/common';
import { keepOutput, runFolder } from './run-record';
import { searchFolder } from './search-folder';
import { SecretSearch } from './secret-search';
import { createTestDatabase, type TestDatabase } from './test-database';
import { chosenServer } from './test-environment';

/** Not recorded, or the search at the end would complain. */
const canary = () => `a canary ${randomBytes(12).toString('hex')}`;
const findings = (folder: string, ...words: string[]) =>
  searchFolder(folder, new SecretSearch(words.map((word) => ({ label: word, bytes: Buffer.from(word) })))).findings;

it('keeps what a test logs, and what a process says, in a file that carries its name', () => {
  const [logged, failed, said] = [canary(), canary(), canary()];
  new Logger('Test').verbose(logged);
  new Logger('Test').error('It failed', new Error(failed).stack);
  keepOutput(`${said}\n`);
  const read = (suffix: string) => readFileSync(join(runFolder(), 'logs', `${basename(__filename)}${suffix}`), 'utf8');
  expect(read('.log')).toContain(logged);
  expect(read('.log')).toContain(failed);
  expect(read('.process.log')).toContain(said);
});

describe('a database that is dropped', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });

  it('leaves its rows as text', async () => {
    const email = canary();
    await database.createUser({ email });
    await database.drop();
    const file = `${basename(__filename)}.${database.name}.txt`;
    expect(findings(join(runFolder(), 'rows'), email)).toMatchObject([{ file, label: email }]);
  });

  (chosenServer().superuserUrl ? it.skip : it)(
    'leaves in the log of changes what was long, was deleted, or was never committed',
    async () => {
      const [long, deleted, rolledBack] = [canary(), canary(), canary()];
      const id = await database.createUser({ email: deleted });
      const value = 'a'.repeat(30_000) + long + 'b'.repeat(30_000);
      await database.query('update user_profiles set address = to_jsonb($1::text) where id = $2', [value, id]);
      await database.query('delete from auth.users where id = $1', [id]);
      await database.query(`do $$ begin
        begin
          insert into auth.users (id, email) values (gen_random_uuid(), '${rolledBack}');
          raise exception 'no';
        exception when others then null;
        end;
      end $$`);
      const [row] = await database.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
      await database.query('checkpoint');
      await database.drop();
      const labels = findings(join(row!.folder, 'pg_wal'), long, deleted, rolledBack).map(({ label }) => label);
      expect(new Set(labels)).toEqual(new Set([long, deleted, rolledBack]));
    },
  );
});
