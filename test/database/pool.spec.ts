import { Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../../src/shared/database/database-unavailable';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { TcpPassage } from '../support/tcp-passage';
import { type UnitsOfWork, unitsOfWork } from '../support/units-of-work';
import { waitFor } from '../support/wait-for';

jest.setTimeout(60_000);

describe('connections that die', () => {
  let database: TestDatabase;
  let service: UnitsOfWork;
  let problems: unknown[];
  const note = (error: unknown) => problems.push(error);

  beforeAll(async () => {
    database = await createTestDatabase();
    service = unitsOfWork(database.url, 8);
  });
  afterAll(async () => {
    await service.close();
    await database.drop();
  });
  beforeEach(() => {
    jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    problems = [];
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
    jest.restoreAllMocks();
    expect(problems).toEqual([]);
  });

  const killAll = () =>
    database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'ringonce'`);

  it('take neither the process nor a request along, again and again, under load', async () => {
    const done = { succeeded: 0, unavailable: 0, other: [] as unknown[] };
    let isOver = false;
    const work = () =>
      service.unitOfWork.run(async () => {
        await service.rows('select pg_sleep(0.002)');
        await service.rows(`update dispatch_control set reason = 'x'`);
        await service.rows('select 1');
      });
    const worker = async () => {
      while (!isOver) {
        await work().then(
          () => (done.succeeded += 1),
          (error: unknown) => (isDatabaseUnavailable(error) ? (done.unavailable += 1) : done.other.push(error)),
        );
      }
    };
    const workers = Array.from({ length: 20 }, worker);
    try {
      for (let kills = 0; kills < 20; kills += 1) {
        const before = done.succeeded;
        await waitFor(() => done.succeeded > before + 20, 'the load goes on');
        await killAll();
      }
    } finally {
      // Or a failure would leave them at work for ever, and the process with them.
      isOver = true;
    }
    await Promise.all(workers);
    expect(done.other).toEqual([]);
    expect(done.unavailable).toBeGreaterThan(0);
    expect(service.pool.totalCount - service.pool.idleCount).toBe(0);
    expect(service.pool.waitingCount).toBe(0);
    expect(await service.rows('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('are survived between two statements of a unit of work, and by idle connections', async () => {
    const work = service.unitOfWork.run(async () => {
      await service.rows('select 1');
      await killAll();
      await waitFor(async () => (await connections()) === 0, 'the connections are gone');
      return service.rows('select 1');
    });
    expect(isDatabaseUnavailable(await work.catch((error: unknown) => error))).toBe(true);
    // The server has ended them all; an idle one is of use to nobody once its socket has told this process as well.
    await waitFor(() => service.pool.totalCount === 0, 'the pool has heard of it');
    expect(await service.unitOfWork.run(() => service.rows('select 1 as one'))).toEqual([{ one: 1 }]);
  });

  it('are given up when nothing comes back any more, and others take their place', async () => {
    const passage = await TcpPassage.open(() => Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(passage.port);
    const patient = unitsOfWork(url.href, 2, 300);
    const one = () => patient.rows('select 1');
    await patient.unitOfWork.run(() => Promise.all([one(), patient.pool.query('select 1')]));
    passage.freeze();
    const work = patient.unitOfWork.run(one);
    const statement = one();
    expect(isDatabaseUnavailable(await work.catch((error: unknown) => error))).toBe(true);
    expect(isDatabaseUnavailable(await statement.catch((error: unknown) => error))).toBe(true);
    expect(await patient.unitOfWork.run(() => patient.rows('select 1 as one'))).toEqual([{ one: 1 }]);
    await patient.close();
    await passage.close();
  });

  it('are told apart from a query that is wrong', async () => {
    const wrong = await service.rows('select nonsense').catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(Error);
    expect(isDatabaseUnavailable(wrong)).toBe(false);
  });

  it('are told when no server listens', async () => {
    const nowhere = unitsOfWork('postgresql://a:b@127.0.0.1:1/c');
    const error = await nowhere.unitOfWork.run(() => nowhere.rows('select 1')).catch((thrown: unknown) => thrown);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await nowhere.close();
  });

  it('speak UTC and say whose they are', async () => {
    const [row] = await service.rows(
      `select current_setting('timezone') as zone, current_setting('application_name') as name`,
    );
    expect(row).toEqual({ zone: 'UTC', name: 'ringonce' });
  });

  async function connections(): Promise<number> {
    const rows = await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and application_name = 'ringonce'`,
    );
    return rows.length;
  }
});
