import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { sql } from 'drizzle-orm';
import { Database } from '../../src/shared/database/database';
import { DatabaseModule } from '../../src/shared/database/database.module';
import { DatabaseNotifications } from '../../src/shared/database/database-notifications';
import { UnitOfWork } from '../../src/shared/kernel/unit-of-work.port';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { waitFor } from '../support/wait-for';

describe('DatabaseModule', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const connections = async () =>
    (
      await database.query(
        `select 1 from pg_stat_activity where datname = current_database() and application_name = 'ringonce'`,
      )
    ).length;

  it('offers units of work and notifications, and closes every connection when the service ends', async () => {
    const settings = { url: database.url, directUrl: database.url };
    const app = await NestFactory.createApplicationContext(DatabaseModule.register(settings), { logger: false });
    const { rows } = await app
      .get(UnitOfWork)
      .run(() => app.get(Database).current.execute(sql`select count(*)::int as plans from subscription_plans`));
    expect(rows).toEqual([{ plans: 7 }]);
    app.get(DatabaseNotifications).subscribe('news', () => undefined);
    await waitFor(() => app.get(DatabaseNotifications).isConnected, 'the session listens');
    expect(await connections()).toBe(2);
    await app.close();
    await waitFor(async () => (await connections()) === 0, 'every connection is closed');
  });

  it('starts and ends without a database', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const url = 'postgresql://a:b@127.0.0.1:1/c';
    const app = await NestFactory.createApplicationContext(DatabaseModule.register({ url, directUrl: url }), {
      logger: false,
    });
    app.get(DatabaseNotifications).subscribe('news', () => undefined);
    await app.close();
    jest.restoreAllMocks();
  });
});
