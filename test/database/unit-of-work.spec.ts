import { Logger } from '@nestjs/common';
import { holdOpen, waitUntilBlocked } from '../support/held-work';
import { createTestDatabase, type TestDatabase } from '../support/test-database';
import { type UnitsOfWork, unitsOfWork } from '../support/units-of-work';

describe('unit of work', () => {
  let database: TestDatabase;
  let service: UnitsOfWork;
  let userId: string;
  let otherId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    // One connection: whatever a unit of work leaves behind on it, the next one would find.
    service = unitsOfWork(database.url, 1);
    userId = await database.createUser({ email: "o'brien@example.test" });
    otherId = await database.createUser();
  });
  afterAll(async () => {
    await service.close();
    await database.drop();
  });
  beforeEach(() => database.query('delete from stripe_events'));

  const put = (id: string) =>
    service.rows(`insert into stripe_events (id, type, created, payload) values ('${id}', 't', now(), '{}')`);
  const kept = async () => (await database.query('select id from stripe_events order by id')).map(({ id }) => id);
  const who = async () => {
    const [row] = await service.rows(
      `select current_user::text as role, auth.uid()::text as uid, auth.jwt() ->> 'email' as email`,
    );
    return row;
  };
  const visible = async () => (await service.rows('select id from user_profiles')).map(({ id }) => id);

  it('keeps what it did', async () => {
    expect(await service.unitOfWork.run(async () => (await put('a'), 7))).toBe(7);
    expect(await kept()).toEqual(['a']);
  });

  it('keeps nothing when the work is rejected', async () => {
    const work = service.unitOfWork.run(async () => {
      await put('a');
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await kept()).toEqual([]);
  });

  it('joins the one that is open around it', async () => {
    const work = service.unitOfWork.run(async () => {
      await put('a');
      await service.unitOfWork.run(() => put('b'));
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await kept()).toEqual([]);
  });

  it('stands apart from the one that is open around it, with effects of its own', async () => {
    const wide = unitsOfWork(database.url, 2);
    const effects: string[] = [];
    const work = wide.unitOfWork.run(async () => {
      await wide.rows(`insert into stripe_events (id, type, created, payload) values ('a', 't', now(), '{}')`);
      await wide.unitOfWork.apart(async () => {
        await wide.rows(`insert into stripe_events (id, type, created, payload) values ('b', 't', now(), '{}')`);
        wide.unitOfWork.afterCommit(() => effects.push('apart'));
      });
      expect(effects).toEqual(['apart']);
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    await wide.close();
    expect(await kept()).toEqual(['b']);
  });

  it('waits for a lock as long as its patience lasts, and the next one on the connection as long as ever', async () => {
    await put('a');
    const holder = unitsOfWork(database.url, 1);
    const end = await holdOpen({ run: (work) => holder.unitOfWork.run(work) }, () =>
      holder.rows(`select from stripe_events where id = 'a' for update`),
    );
    const lock = () => service.rows(`select id from stripe_events where id = 'a' for update`);
    await expect(service.unitOfWork.apart(lock, 20)).rejects.toMatchObject({ cause: { code: '55P03' } });
    const patient = service.unitOfWork.apart(lock);
    await waitUntilBlocked(database, 1);
    await end('commit');
    expect(await patient).toEqual([{ id: 'a' }]);
    await holder.close();
  });

  it('says so when a failed statement was overlooked and nothing could be committed', async () => {
    const effects: string[] = [];
    const work = service.unitOfWork.run(async () => {
      service.unitOfWork.afterCommit(() => effects.push('committed'));
      await put('a');
      await put('a').catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/nothing was committed/);
    expect(effects).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  it('has effects after the commit, in order, and never after a rollback', async () => {
    const effects: unknown[] = [];
    await service.unitOfWork.run(async () => {
      service.unitOfWork.afterCommit(() => effects.push('first'));
      await service.unitOfWork.run(async () => {
        service.unitOfWork.afterCommit(() => effects.push('second'));
        await put('a');
      });
      expect(effects).toEqual([]);
    });
    const failing = service.unitOfWork.run(async () => {
      service.unitOfWork.afterCommit(() => effects.push('never'));
      await put('b');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(effects).toEqual(['first', 'second']);
    service.unitOfWork.afterCommit(() => effects.push('at once'));
    expect(effects).toEqual(['first', 'second', 'at once']);
  });

  it('stays committed when an effect fails, and the others come all the same', async () => {
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const effects: string[] = [];
    const work = service.unitOfWork.run(async () => {
      await put('a');
      service.unitOfWork.afterCommit(() => {
        throw new Error('no effect');
      });
      service.unitOfWork.afterCommit(() => effects.push('another'));
      return 7;
    });
    expect(await work).toBe(7);
    expect([await kept(), effects]).toEqual([['a'], ['another']]);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('A bug'), new Error('no effect'));
  });

  it('takes the role of the user, with claims that survive any character', async () => {
    const email = `o'brien"\\; drop table call_queue; --@example.test`;
    const seen = await service.unitOfWork.asUser({ sub: userId, email }, who);
    expect(seen).toEqual({ role: 'authenticated', uid: userId, email });
  });

  it('lets row-level security decide while it is a user, and only then', async () => {
    expect(await service.unitOfWork.asUser({ sub: userId }, visible)).toEqual([userId]);
    expect(await visible()).toHaveLength(2);
    expect(await who()).toMatchObject({ uid: null });
  });

  it('gives the role back to the unit of work that it joined', async () => {
    await service.unitOfWork.run(async () => {
      const before = await who();
      expect(await service.unitOfWork.asUser({ sub: userId }, visible)).toEqual([userId]);
      expect(await who()).toEqual(before);
      expect(await visible()).toHaveLength(2);
    });
  });

  it('gives the role back as well when the work for the user is refused', async () => {
    await service.unitOfWork.run(async () => {
      const refused = service.unitOfWork.asUser({ sub: userId }, () => Promise.reject(new Error('refused')));
      await expect(refused).rejects.toThrow('refused');
      expect(await visible()).toHaveLength(2);
      await put('a');
    });
    expect(await kept()).toEqual(['a']);
  });

  it('gives the role back to the user around it, not to the service', async () => {
    await service.unitOfWork.asUser({ sub: userId }, async () => {
      expect(await service.unitOfWork.asUser({ sub: otherId }, visible)).toEqual([otherId]);
      expect(await visible()).toEqual([userId]);
    });
  });

  it('keeps the role of the user in a unit of work inside', async () => {
    await service.unitOfWork.asUser({ sub: userId }, async () => {
      expect(await service.unitOfWork.run(visible)).toEqual([userId]);
    });
  });

  it('leaves no role on the connection when the work for a user fails in the database', async () => {
    const work = service.unitOfWork.asUser({ sub: userId }, () => put('a'));
    await expect(work).rejects.toMatchObject({ cause: { code: '42501' } });
    expect(await who()).toMatchObject({ uid: null });
    expect(await visible()).toHaveLength(2);
  });
});
