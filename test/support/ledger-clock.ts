import type { TestDatabase } from './test-database';

/** Settings of a connection for which the time of a statement is what `setClock` says. */
export const CLOCK_OPTIONS = '-c search_path=test_clock,pg_catalog,public -c timezone=UTC';

/** Puts a clock into a database that stands still until it is moved. Connections with CLOCK_OPTIONS go by it. */
export async function installClock(database: TestDatabase): Promise<void> {
  await database.query(`
    create schema test_clock;
    create table test_clock.clock (now timestamptz not null);
    insert into test_clock.clock values (now());
    create function test_clock.statement_timestamp() returns timestamptz language sql volatile
      as 'select now from test_clock.clock';
    grant usage on schema test_clock to public;
    grant select, update on test_clock.clock to public`);
}
