import * as catalog from '../support/catalog';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

describe('the catalog', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('has row-level security on every table', async () => {
    expect(await catalog.tablesWithoutSecurity(database.query)).toEqual([]);
  });

  it('names the roles of every policy', async () => {
    expect(await catalog.policiesForEverybody(database.query)).toEqual([]);
  });

  it('gives everybody nothing, and API roles no more than to read and write rows', async () => {
    const grants = await catalog.grantsToApiRoles(database.query);
    const tables = grants.filter((line) => !/^(function|schema) /.test(line));
    expect(grants.filter((line) => line.includes(' public '))).toEqual([]);
    expect(tables.length).toBeGreaterThan(50);
    expect(tables.filter((line) => !/ (SELECT|INSERT|UPDATE|DELETE)$/.test(line))).toEqual([]);
    expect(tables.filter((line) => line.includes(' anon '))).toEqual(['subscription_plans anon SELECT']);
  });

  it('lets users call the three questions of the policies, and what tells them their own allowance, and no other function', async () => {
    const grants = await catalog.grantsToApiRoles(database.query);
    expect(grants.filter((line) => /^(function|schema) /.test(line))).toEqual([
      'function can_see_template authenticated EXECUTE',
      'function current_allowances authenticated EXECUTE',
      'function has_profile authenticated EXECUTE',
      'function is_active_user authenticated EXECUTE',
      'schema ringonce authenticated USAGE',
      'schema ringonce service_role USAGE',
    ]);
  });

  it('pins the search path of every function', async () => {
    expect(await catalog.functionsWithOpenSearchPath(database.query)).toEqual([]);
  });

  it('has an index for every foreign key', async () => {
    expect(await catalog.foreignKeysWithoutIndex(database.query)).toEqual([]);
  });

  it('keeps updated_at true wherever there is one', async () => {
    expect(await catalog.tablesWithStaleTimes(database.query)).toEqual([]);
  });
});
