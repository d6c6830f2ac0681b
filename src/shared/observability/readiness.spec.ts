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
});
