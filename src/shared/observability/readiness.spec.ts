import { Readiness } from './readiness';

describe('Readiness', () => {
  it('is given when every probe resolves', async () => {
    const readiness = new Readiness();
    readiness.register('database', () => Promise.resolve());
    expect(await readiness.report()).toEqual({ isReady: true, checks: { database: 'ok' } });
  });

  it('tells which probe fails', async () => {
    const readiness = new Readiness();
    readiness.register('database', () => Promise.resolve());
    readiness.register('migrations', () => Promise.reject(new Error('two are missing')));
    expect(await readiness.report()).toEqual({ isReady: false, checks: { database: 'ok', migrations: 'failed' } });
  });

  it('takes silence for a failure', async () => {
    jest.useFakeTimers();
    const readiness = new Readiness();
    readiness.register('database', () => new Promise(() => undefined));
    const report = readiness.report();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await report).toEqual({ isReady: false, checks: { database: 'failed' } });
    jest.useRealTimers();
  });

  describe('asked by many', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('asks once for all of them, and again after a second', async () => {
      const probe = jest.fn(() => Promise.resolve());
      const readiness = new Readiness();
      readiness.register('database', probe);
      await Promise.all([readiness.report(), readiness.report()]);
      await readiness.report();
      expect(probe).toHaveBeenCalledTimes(1);
      await jest.advanceTimersByTimeAsync(1_000);
      await readiness.report();
      expect(probe).toHaveBeenCalledTimes(2);
    });

    it('has no probe twice that hangs', async () => {
      const probe = jest.fn(() => new Promise<void>(() => undefined));
      const readiness = new Readiness();
      readiness.register('database', probe);
      for (let times = 0; times < 2; times += 1) {
        const report = readiness.report();
        await jest.advanceTimersByTimeAsync(10_000);
        expect(await report).toEqual({ isReady: false, checks: { database: 'failed' } });
      }
      expect(probe).toHaveBeenCalledTimes(1);
    });

    it('tells at once that the service is about to end', async () => {
      const readiness = new Readiness();
      readiness.register('database', () => Promise.resolve());
      expect(await readiness.report()).toMatchObject({ isReady: true });
      readiness.onModuleDestroy();
      expect(await readiness.report()).toEqual({ isReady: false, checks: { database: 'ok', running: 'failed' } });
    });
  });
});
