import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { DrizzleAttempts } from '../../src/modules/calls/adapters/drizzle/drizzle-attempts';
import { ReleaseUnsent } from '../../src/modules/calls/application/release-unsent';
import { openSession, type OpenSession } from '../../src/shared/database/connection';
import { Database } from '../../src/shared/database/database';
import { DrizzleUnitOfWork } from '../../src/shared/database/drizzle-unit-of-work';
import { DomainEvents } from '../../src/shared/kernel/domain-events.port';
import { createVendorAccount } from '../support/attempt-rows';
import { waitUntilBlocked } from '../support/held-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';

class NobodyListens extends DomainEvents {
  subscribe(): void {}
  publish(): Promise<void> {
    return Promise.resolve();
  }
}

describe('a claim that is given up before its commit is done', () => {
  let testDatabase: TestDatabase;
  let pool: Pool;
  let claim: OpenSession;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    pool = new Pool({ connectionString: testDatabase.url });
    claim = await openSession(testDatabase.url);
  });
  afterAll(async () => {
    await claim.close();
    await pool.end();
    await testDatabase.drop();
  });

  /** What a claim has done when it commits. */
  async function begin(): Promise<void> {
    const { providerId, phoneNumberId, assistantId } = await createVendorAccount(testDatabase);
    await claim.query('begin');
    await claim.query('select from call_service_providers order by id for no key update');
    await claim.query(
      `with call as (
         insert into call_queue (user_id, recipient_number, status) values ($1, '+12025550123', 'in-progress') returning id)
       insert into call_attempts (call_queue_id, provider_id, phone_number_id, assistant_id, reserved_minutes, claimed_by)
       select id, $2, $3, $4, 1, 'this instance' from call`,
      [await testDatabase.createUser(), providerId, phoneNumberId, assistantId],
    );
  }

  it('is waited for, and what it took is put back', async () => {
    const database = new Database(drizzle(pool));
    const releaseUnsent = new ReleaseUnsent(
      new DrizzleUnitOfWork(database),
      new DrizzleAttempts(database),
      new NobodyListens(),
    );
    await begin();
    const released = releaseUnsent.lostClaims('this instance', []);
    await waitUntilBlocked(testDatabase, 1);
    await claim.query('commit');
    await released;
    expect(await testDatabase.query('select state from call_attempts')).toEqual([{ state: 'refused' }]);
    expect(await testDatabase.query('select status from call_queue')).toEqual([{ status: 'queued' }]);
  });
});
