import { Logger } from '@nestjs/common';
import { DialPermission } from './dial-permission';

/** Answers when the test says so, by a clock that the test moves. */
class HeldControl {
  readonly questions: { answer(isStopped: boolean): void; fail(): void }[] = [];

  isStopped(): Promise<boolean> {
    return new Promise((resolve, reject) =>
      this.questions.push({ answer: resolve, fail: () => reject(new Error('the database is away')) }),
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
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    control = new HeldControl();
    permission = new DialPermission(control);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Lets what has been answered take effect. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const learn = async (isStopped: boolean): Promise<boolean> => {
    const given = permission.isGiven();
    control.questions.at(-1)?.answer(isStopped);
    return given;
  };

  it('asks once for all who want to know at the same time', async () => {
    const given = [permission.isGiven(), permission.isGiven(), permission.isGiven()];
    expect(control.questions).toHaveLength(1);
    control.questions[0]?.answer(false);
    expect(await Promise.all(given)).toEqual([true, true, true]);
  });

  it('believes for a while that the queue runs, renews that beside the work, and then asks before anything is sent', async () => {
    await learn(false);
    nowMs += 250;
    expect(await permission.isGiven()).toBe(true);
    expect(control.questions).toHaveLength(1);
    nowMs += 1;
    expect(await permission.isGiven()).toBe(true);
    expect(control.questions).toHaveLength(2);
    nowMs += 600;
    const given = permission.isGiven();
    control.questions[1]?.answer(true);
    expect(await given).toBe(false);
  });

  it('does not believe an answer that took too long', async () => {
    const given = permission.isGiven();
    nowMs += 801;
    control.questions[0]?.answer(false);
    await settle();
    control.questions[1]?.answer(true);
    expect(await given).toBe(false);
  });

  it('never remembers that the queue is stopped', async () => {
    expect(await learn(true)).toBe(false);
    expect(await learn(false)).toBe(true);
  });

  it('takes nothing for true that was asked before a change', async () => {
    await learn(false);
    permission.forget();
    const given = permission.isGiven();
    permission.forget();
    control.questions[1]?.answer(false);
    await settle();
    control.questions[2]?.answer(true);
    expect(await given).toBe(false);
  });

  it('is not given when nobody can tell', async () => {
    const given = permission.isGiven();
    control.questions[0]?.fail();
    expect(await given).toBe(false);
    expect(await learn(false)).toBe(true);
  });
});
