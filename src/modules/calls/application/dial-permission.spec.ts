import { Logger } from '@nestjs/common';
import { DialPermission } from './dial-permission';
import type { DialStanding } from './ports/dial-control.port';

/** Answers when the test says so, by a clock that the test moves. */
class HeldControl {
  resumedAgoMs: number | null = null;
  readonly questions: { answer(isStopped: boolean): void; fail(): void }[] = [];

  look(): Promise<DialStanding> {
    return new Promise((resolve, reject) =>
      this.questions.push({
        answer: (isStopped) => resolve({ isStopped, resumedAgoMs: this.resumedAgoMs }),
        fail: () => reject(new Error('the database is away')),
      }),
    );
  }
}

describe('DialPermission', () => {
  let control: HeldControl;
  let permission: DialPermission;
  let nowMs: number;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(() => {
    nowMs = 10_000;
    isInTime = true;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    control = new HeldControl();
    permission = new DialPermission(control);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Lets what has been answered take effect. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  let isInTime: boolean;
  const isGiven = (preparedAtMs: number) => permission.isGiven(preparedAtMs, () => isInTime);
  const learn = async (isStopped: boolean): Promise<boolean> => {
    const given = isGiven(Date.now());
    control.questions.at(-1)?.answer(isStopped);
    return given;
  };

  it('asks once for all who want to know at the same time', async () => {
    const given = [isGiven(Date.now()), isGiven(Date.now()), isGiven(Date.now())];
    expect(control.questions).toHaveLength(1);
    control.questions[0]?.answer(false);
    expect(await Promise.all(given)).toEqual([true, true, true]);
  });

  it('believes for a while that the queue runs, renews that beside the work, and then asks before anything is sent', async () => {
    await learn(false);
    nowMs += 250;
    expect(await isGiven(Date.now())).toBe(true);
    expect(control.questions).toHaveLength(1);
    nowMs += 1;
    expect(await isGiven(Date.now())).toBe(true);
    expect(control.questions).toHaveLength(2);
    nowMs += 600;
    const given = isGiven(Date.now());
    control.questions[1]?.answer(true);
    expect(await given).toBe(false);
  });

  it('does not believe an answer that took too long', async () => {
    const given = isGiven(Date.now());
    nowMs += 801;
    control.questions[0]?.answer(false);
    await settle();
    control.questions[1]?.answer(true);
    expect(await given).toBe(false);
  });

  it('asks no further for an attempt that nobody waits for any more', async () => {
    const given = isGiven(Date.now());
    isInTime = false;
    nowMs += 801;
    control.questions[0]?.answer(false);
    expect(await given).toBe(false);
    expect(control.questions).toHaveLength(1);
  });

  it('never remembers that the queue is stopped', async () => {
    expect(await learn(true)).toBe(false);
    expect(await learn(false)).toBe(true);
  });

  it('takes nothing for true that was asked before a change', async () => {
    await learn(false);
    permission.forget();
    const given = isGiven(Date.now());
    permission.forget();
    control.questions[1]?.answer(false);
    await settle();
    control.questions[2]?.answer(true);
    expect(await given).toBe(false);
  });

  it('is not given when nobody can tell', async () => {
    const given = isGiven(Date.now());
    control.questions[0]?.fail();
    expect(await given).toBe(false);
    expect(await learn(false)).toBe(true);
  });

  it('is not given to what was prepared before a stop that hangs up and is over', async () => {
    control.resumedAgoMs = 5_000;
    expect(await learn(false)).toBe(true);
    expect(await isGiven(Date.now() - 4_000)).toBe(true);
    expect(await isGiven(Date.now() - 6_000)).toBe(false);
    permission.forget();
    control.resumedAgoMs = null;
    expect(await learn(false)).toBe(true);
    expect(await isGiven(Date.now() - 6_000)).toBe(true);
  });

  it('warns once while the database is away, and says when it is back', async () => {
    const told: string[] = [];
    for (const level of ['warn', 'debug', 'log'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(() => void told.push(level));
    const failed = async () => {
      const given = isGiven(Date.now());
      control.questions.at(-1)?.fail();
      await given;
    };
    for (let time = 0; time < 3; time += 1) await failed();
    expect(told).toEqual(['warn', 'debug', 'debug']);
    await learn(false);
    expect(told.slice(3)).toEqual(['log']);
    permission.forget();
    await learn(false);
    expect(told.slice(4)).toEqual([]);
    permission.forget();
    await failed();
    expect(told.slice(4)).toEqual(['warn']);
  });
});
