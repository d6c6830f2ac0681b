import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { Rounds } from './rounds';

const INTERVAL_MS = 1_000;
const LONGEST_WAIT_MS = 3_000;

/** Rounds that end when they are let go; `patient` ones are waited for until then. */
class HeldRounds extends Rounds {
  begun = 0;
  isToldToEnd = false;
  letGo: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor(scheduler: SchedulerRegistry, name: string, isPatient = false) {
    super(scheduler, {
      name,
      intervalMs: INTERVAL_MS,
      failure: 'It failed',
      ...(!isPatient && { longestWaitMs: LONGEST_WAIT_MS }),
    });
  }

  protected execute(): Promise<void> {
    this.begun += 1;
    return new Promise((resolve, reject) => {
      this.letGo = resolve;
      this.fail = reject;
    });
  }

  protected stop(): void {
    this.isToldToEnd = true;
  }
}

let scheduler: SchedulerRegistry;
beforeAll(() => {
  Logger.overrideLogger(false);
});
beforeEach(() => {
  jest.useFakeTimers();
  scheduler = new SchedulerRegistry();
});
afterEach(() => {
  jest.useRealTimers();
});

const started = (name: string, isPatient = false): HeldRounds => {
  const rounds = new HeldRounds(scheduler, name, isPatient);
  rounds.onApplicationBootstrap();
  return rounds;
};
/** Whether a shutdown that comes to the part now goes on without more time. */
const isWaitedFor = async (rounds: HeldRounds): Promise<boolean> => {
  let isOver = false;
  void Promise.resolve(rounds.beforeApplicationShutdown()).then(() => (isOver = true));
  await jest.advanceTimersByTimeAsync(0);
  return !isOver;
};

describe('rounds', () => {
  it('begin at once and at their interval, one at a time, and go on after a failure', async () => {
    const rounds = started('held');
    await jest.advanceTimersByTimeAsync(2 * INTERVAL_MS);
    expect(rounds.begun).toBe(1);
    rounds.fail(new Error('no'));
    await jest.advanceTimersByTimeAsync(INTERVAL_MS);
    expect(rounds.begun).toBe(2);
  });

  it('end together when the service ends, however long each is waited for', async () => {
    const parts = [started('one'), started('two')] as const;
    for (const part of parts) part.onModuleDestroy();
    expect(parts.map(({ isToldToEnd }) => isToldToEnd)).toEqual([true, true]);
    expect(await isWaitedFor(parts[0])).toBe(true);
    await jest.advanceTimersByTimeAsync(LONGEST_WAIT_MS);
    expect([await isWaitedFor(parts[0]), await isWaitedFor(parts[1])]).toEqual([false, false]);
    expect(parts.map(({ begun }) => begun)).toEqual([1, 1]);
  });

  it('are waited for until their end where they can be stopped soon', async () => {
    const rounds = started('patient', true);
    rounds.onModuleDestroy();
    await jest.advanceTimersByTimeAsync(10 * LONGEST_WAIT_MS);
    expect(await isWaitedFor(rounds)).toBe(true);
    rounds.letGo();
    expect(await isWaitedFor(rounds)).toBe(false);
  });
});
