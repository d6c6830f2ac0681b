import type { TestDatabase } from './test-database';

/** A database whose time can be moved ahead: everybody who connects from now on is told the moved one. */
export interface MovableClock {
  /** @param ms what it is ahead of everybody's */
  moveTo(ms: number): Promise<void>;
}

/**
 * Functions of the same names, found before PostgreSQL's own. Defaults of columns are bound to the originals when they
 * are made, so they are made anew. Before a service connects.
 */
export async function makeClockMovable(database: TestDatabase): Promise<MovableClock> {
  await database.query(`
    create schema movable_clock;
    grant usage on schema movable_clock to public;
    create table movable_clock.ahead (by interval not null);
    insert into movable_clock.ahead values ('0');
    grant select on movable_clock.ahead to public;
    create function movable_clock.clock_timestamp() returns timestamptz language sql volatile as
      'select pg_catalog.clock_timestamp() + by from movable_clock.ahead';
    create function movable_clock.statement_timestamp() returns timestamptz language sql stable as
      'select pg_catalog.statement_timestamp() + by from movable_clock.ahead';
    create function movable_clock.now() returns timestamptz language sql stable as
      'select pg_catalog.now() + by from movable_clock.ahead';
    do $$
    declare
      named record;
    begin
      for named in
        select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_default = 'clock_timestamp()'
      loop
        execute format('alter table public.%I alter column %I set default movable_clock.clock_timestamp()',
          named.table_name, named.column_name);
      end loop;
    end $$;
    alter database ${database.name} set search_path = movable_clock, pg_catalog, public`);
  return {
    moveTo: async (ms) => {
      await database.query(`update movable_clock.ahead set by = make_interval(secs => $1)`, [ms / 1_000]);
    },
  };
}
