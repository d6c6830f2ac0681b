import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrationsOf } from './last-release';
import { slowStatements } from './migration-locks';

/** Up to here migrations were written for databases that nobody had yet. */
const LAST_FOR_SMALL_DATABASES = '0017_retention_and_stop';

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
    ['create index on call_queue (seq)', 'call_queue: builds an index while nobody can write'],
    ['create index concurrently new_idx on call_queue (seq)', 'call_queue: builds an index while nobody can write'],
    ['alter table if exists call_queue alter column seq set not null', 'call_queue: reads all rows'],
    ['alter table only call_queue add primary key (id)', 'call_queue: reads all rows'],
    ['alter table call_queue add unique (seq)', 'call_queue: reads all rows'],
    ['alter table call_queue add check (seq > 0)', 'call_queue: reads all rows'],
    ['alter table call_queue add foreign key (user_id) references user_profiles (id)', 'call_queue: reads all rows'],
    ['alter table call_queue add column plan uuid references subscription_plans (id)', 'call_queue: reads all rows'],
    ['alter table call_queue add mark text unique', 'call_queue: reads all rows'],
    [
      'alter table call_queue add constraint one check (seq > 0) not valid, add constraint two check (seq > 1)',
      'call_queue: reads all rows',
    ],
    ['alter table call_queue add note text; update call_queue set note = seq', 'call_queue: changes rows'],
    ['select 1; create index new_idx on call_queue (seq)', 'call_queue: builds an index while nobody can write'],
    ['do $$ begin perform 1; if true then delete from call_queue; end if; end $$', 'call_queue: changes rows'],
    [
      "do $$ begin execute 'create index new_idx on call_queue (seq)'; end $$",
      'call_queue: builds an index while nobody can write',
    ],
    ['with old as (select 1) delete from call_queue', 'call_queue: changes rows'],
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
    ['/* update call_queue set seq = 1; */ select 1'],
    [
      'create function ringonce.f() returns void language plpgsql as $f$ begin delete from call_queue; end $f$; select 1',
    ],
    ['alter table call_queue add constraint new foreign key (user_id) references user_profiles (id) not valid'],
    ['alter table call_attempts add constraint told_key unique using index told_idx'],
    ['alter table call_queue add column unique_note text, drop column checked'],
    ['create trigger t before update on call_queue for each row execute function ringonce.f()'],
  ])('is left alone that would not: %s', (statement) => {
    expect(slowStatements(statement)).toEqual([]);
  });
});
