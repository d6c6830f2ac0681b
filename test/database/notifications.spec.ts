import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import { withSession } from '../../src/shared/database/connection';
import { DatabaseNotifications } from '../../src/shared/database/database-notifications';
import { contactDatabase } from '../../src/shared/database/first-contact';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { TcpPassage } from '../support/tcp-passage';
import { announcedCluster } from '../support/test-environment';
import { waitFor } from '../support/wait-for';

describe('notifications of the database', () => {
  let database: TestDatabase;
  let notifications: DatabaseNotifications;
  let heard: string[];

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    heard = [];
    notifications = new DatabaseNotifications(database.url);
  });
  afterEach(async () => {
    await notifications.onApplicationShutdown();
    jest.restoreAllMocks();
  });

  const listen = async (channel = 'news') => {
    const unsubscribe = notifications.subscribe(channel, (payload) => heard.push(payload));
    await waitFor(() => notifications.isConnected, 'the session listens');
    await waitFor(() => heard.includes(''), 'the handler was called after connecting');
    heard.length = 0;
    return unsubscribe;
  };
  const notify = (payload: string, channel = 'news') => database.query('select pg_notify($1, $2)', [channel, payload]);
  const sessions = () =>
    database.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'`,
    );

  it('reach the subscriber', async () => {
    await listen();
    await notify('one');
    await waitFor(() => heard.includes('one'), 'the notification arrives');
  });

  it('reach a subscriber who comes later, and none who has left', async () => {
    const unsubscribe = await listen();
    await listen('other');
    unsubscribe();
    await notify('unheard');
    await notify('two', 'other');
    await waitFor(() => heard.includes('two'), 'the notification arrives');
    expect(heard).toEqual(['two']);
  });

  it('come again after the session was ended, and the subscriber is called once in case something was missed', async () => {
    await listen();
    for (const round of ['first', 'second', 'third']) {
      heard.length = 0;
      const [session] = await waitFor(async () => {
        const found = await sessions();
        return found.length === 1 ? found : undefined;
      }, 'one session listens');
      await database.query('select pg_terminate_backend($1)', [session!.pid]);
      await waitFor(() => heard.includes(''), 'the handler is called after the reconnection');
      expect(heard).toEqual(['']);
      await notify(round);
      await waitFor(() => heard.includes(round), 'notifications arrive again');
    }
  });

  it('say that they are not connected while no session can be had, and try again', async () => {
    const admit = (connections: boolean) =>
      withSession(announcedCluster().superuserUrl, (session) =>
        session.query(`alter database ${database.name} with allow_connections ${connections}`),
      );
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    await admit(false);
    notifications.subscribe('news', (payload) => heard.push(payload));
    await waitFor(() => warned.mock.calls.length > 0, 'an attempt fails');
    expect(notifications.isConnected).toBe(false);
    await admit(true);
    await waitFor(() => heard.includes(''), 'the subscriber is called once connected');
    expect(notifications.isConnected).toBe(true);
  });

  it('come again after the network has swallowed the session without telling anybody', async () => {
    const direct = new URL(database.url);
    const passage = await TcpPassage.open(() => Number(direct.port));
    const through = new URL(direct);
    through.port = String(passage.port);
    notifications = new DatabaseNotifications(through.href, { every: 50, patience: 200 });
    await listen();
    passage.freeze();
    await waitFor(() => heard.includes(''), 'the handler is called after the reconnection');
    await notify('after');
    await waitFor(() => heard.includes('after'), 'notifications arrive again');
    await notifications.onApplicationShutdown();
    await passage.close();
  });

  describe('from a server that takes the connection and says nothing more', () => {
    let passage: TcpPassage;
    let through: URL;
    beforeEach(async () => {
      const direct = new URL(database.url);
      passage = await TcpPassage.open(() => Number(direct.port));
      through = new URL(direct);
      through.port = String(passage.port);
      // Between its greeting and the first statement.
      const query = Client.prototype.query as unknown as (...given: readonly unknown[]) => unknown;
      jest.spyOn(Client.prototype, 'query').mockImplementationOnce(function (this: Client, ...given: unknown[]) {
        passage.freeze();
        return query.apply(this, given);
      });
    });
    afterEach(() => passage.close());

    it('come from the next one', async () => {
      notifications = new DatabaseNotifications(through.href, { every: 10_000, patience: 200 });
      await listen();
      await notify('after');
      await waitFor(() => heard.includes('after'), 'notifications arrive');
    });

    it('are not waited for at the end', async () => {
      notifications = new DatabaseNotifications(through.href);
      notifications.subscribe('news', () => undefined);
      await waitFor(() => jest.mocked(Client.prototype.query).mock.calls.length > 0, 'the session begins to listen');
      await notifications.onApplicationShutdown();
      expect(notifications.isConnected).toBe(false);
    });

    it('a first contact gives up, and tells it', async () => {
      expect(await contactDatabase(through.href, 200)).toBe('Query read timeout');
    });
  });

  it('that are taken and passed on to nobody, as poolers do, are told of once, and no session is lost by it', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const logged = jest.spyOn(Logger.prototype, 'log').mockReturnValue();
    let isPassedOn = false;
    const send = async (channel: string) => isPassedOn && notify('', channel);
    notifications = new DatabaseNotifications(database.url, { every: 20, patience: 100 }, send);
    notifications.subscribe('news', (payload) => heard.push(payload));
    await waitFor(() => heard.includes(''), 'the session listens');
    await waitFor(() => warned.mock.calls.length > 0, 'the session is found deaf');
    expect(notifications).toMatchObject({ isConnected: false, silentForMs: 0 });
    isPassedOn = true;
    await waitFor(() => notifications.isConnected, 'the session is found to hear');
    expect(warned.mock.calls.map(([said]) => String(said))).toEqual([expect.stringContaining('DATABASE_DIRECT_URL')]);
    expect(logged).toHaveBeenCalledTimes(1);
  });

  it('tell for how long they have been missed', async () => {
    expect(notifications.silentForMs).toBe(0);
    await listen();
    expect(notifications.silentForMs).toBe(0);
    const nowhere = new DatabaseNotifications('postgresql://nobody@127.0.0.1:1/nothing');
    nowhere.subscribe('news', () => undefined);
    await waitFor(() => nowhere.silentForMs > 0, 'time passes without a session');
    await nowhere.onApplicationShutdown();
  });

  it('stay silent and hold nothing open after the shutdown', async () => {
    await listen();
    await notifications.onApplicationShutdown();
    expect(notifications.isConnected).toBe(false);
    await waitFor(async () => (await sessions()).length === 0, 'the session is gone');
  });
});
