import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrationsOf } from './last-release';
import { slowStatements } from './migration-locks';

/** Up to here migrations were written for databases that nobody had yet. */
const LAST_FOR_SMALL_DATABASES = '0018_erasure';

describe('a migration', () => {
  it('does nothing to a large table that takes long under a lock', () => {
    const tags = migrationsOf('.');
    expect(tags).toContain(LAST_FOR_SMALL_DATABASES);
    const later = tags.slice(tags.indexOf(LAST_FOR_SMALL_DATABASES) + 1);
    const found = later.flatMap((tag) =>
      slowStatements(readFileSync(join('drizzle', `${tag}.sql`), 'utf8')).map((problem) => `${tag}: ${problem}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['create index new_idx on call_queue (seq)', 'call_queue: builds an index while nobody can write'],
    [
      'CREATE UNIQUE INDEX "i" ON "call_attempts" USING btree ("id")',
      'call_attempts: builds an index while nobody can write',
    ],
    ['ALTER TABLE "call_queue" ALTER COLUMN "seq" SET DATA TYPE text', 'call_queue: writes the table anew'],
    [
      'alter table public.call_queue add column mark uuid default gen_random_uuid()',
      'call_queue: writes the table anew',
    ],
    ['alter table call_queue alter column template_id set not null', 'call_queue: reads all rows'],
    ['alter table call_attempts add constraint told check (asked > 0)', 'call_attempts: reads all rows'],
    ['update public.user_call_history set summary = null', 'user_call_history: changes rows'],
    ['do $$ begin delete from call_queue; end $$', 'call_queue: changes rows'],
    ['truncate idempotency_keys', 'idempotency_keys: goes through the table'],
  ])('is found that would: %s', (statement, problem) => {
    expect(slowStatements(`create table a (b text);\n--> statement-breakpoint\n${statement};`)).toEqual([problem]);
  });

  it.each([
    ['create index if not exists new_idx on call_queue (seq)'],
    ['create index new_idx on dispatch_control (id)'],
    ['alter table call_queue add column note text, add column is_new boolean not null default false'],
    ['alter table call_attempts add constraint told check (asked > 0) not valid'],
    ['create function ringonce.f() returns void language sql as $$ update call_queue set seq = 1 $$'],
    ['create table user_call_history (id uuid);--> statement-breakpoint\ncreate index i on user_call_history (id)'],
    ['-- update call_queue set seq = 1\nselect 1'],
  ])('is left alone that would not: %s', (statement) => {
    expect(slowStatements(statement)).toEqual([]);
  });
});
